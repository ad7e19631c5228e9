//! Machines without any credential hold every connection they can: phones and dispatchers are served meanwhile.
#![allow(clippy::panic, clippy::indexing_slicing, reason = "a test ends where something is not as it must be")]

#[path = "field/phone.rs"]
#[allow(dead_code, reason = "each test file uses its own part")]
mod phone;

use phone::{Phone, Stage};
use siaga_center::people;
use siaga_domain::kind::Role;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;

/// More than the 4,096 places that 0.2.0 had for everybody.
const STRANGERS: usize = 4_200;

/// A phone exchanges, and a dispatcher is answered, in this time.
const WITHIN: Duration = Duration::from_secs(2);

/// A connection from an address of this machine's own.
async fn connect(from: Ipv4Addr, to: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((from, 0)))?;
    socket.connect(to).await
}

/// Strangers that hold as many connections as they can, and open each anew when it ends. Dropping it ends them.
struct Strangers(#[allow(dead_code, reason = "held so that they go on")] JoinSet<()>);

impl Strangers {
    /// One connection of each address in turn, with these bytes sent on it; returns when all were open once.
    async fn hold(to: SocketAddr, from: impl Fn(usize) -> Ipv4Addr, say: &'static [u8]) -> Self {
        let (opened, mut first) = tokio::sync::mpsc::channel(STRANGERS);
        let mut all = JoinSet::new();
        for number in 0..STRANGERS {
            let (from, opened) = (from(number), opened.clone());
            all.spawn(async move {
                loop {
                    if let Ok(mut stream) = connect(from, to).await {
                        let _ = stream.write_all(say).await;
                        let _ = opened.try_send(());
                        let _ = stream.read(&mut [0; 1]).await;
                    }
                    tokio::task::yield_now().await;
                }
            });
        }
        for _ in 0..STRANGERS {
            first.recv().await.expect("a connection");
        }
        Self(all)
    }
}

async fn exchanges(phone: &mut Phone) {
    tokio::time::timeout(WITHIN, phone.exchange(Vec::new(), 0)).await.expect("an exchange within two seconds");
}

#[tokio::test(flavor = "multi_thread")]
async fn enrolled_phones_exchange_while_one_machine_holds_every_place() {
    let stage = Stage::set().await;
    let mut known = stage.phone("AMB-01", Role::Medic).await;
    exchanges(&mut known).await;
    // A client hello's first bytes, so that some wait inside the handshake.
    let strangers =
        Strangers::hold(stage.serving.field, |_| Ipv4Addr::new(127, 0, 9, 1), b"\x16\x03\x01\x02\x00").await;

    exchanges(&mut known).await;
    let mut fresh = stage.phone("TRC-01", Role::Volunteer).await;
    exchanges(&mut fresh).await;
    drop(strangers);
}

#[tokio::test(flavor = "multi_thread")]
async fn enrolled_phones_exchange_behind_the_address_and_among_the_networks_of_the_strangers() {
    let stage = Stage::set().await;
    let mut phone = stage.phone("AMB-01", Role::Medic).await;
    exchanges(&mut phone).await;
    let spread = |number: usize| match u8::try_from(number % 60).expect("below 60") {
        network @ 1.. => Ipv4Addr::new(127, 0, network, 1),
        0 => Ipv4Addr::LOCALHOST,
    };
    let strangers = Strangers::hold(stage.serving.field, spread, b"").await;

    exchanges(&mut phone).await;
    drop(strangers);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_resumed_with_a_proven_phones_ticket_is_kept_while_strangers_of_its_address_come() {
    let stage = Stage::set().await;
    let mut phone = stage.phone("AMB-01", Role::Medic).await;
    exchanges(&mut phone).await;
    let question = phone.kept_open(&phone.request(Vec::new(), 0));
    let mut resumed = phone.connect().await;
    assert_eq!(resumed.get_ref().1.handshake_kind(), Some(tokio_rustls::rustls::HandshakeKind::Resumed));

    let strangers = Strangers::hold(stage.serving.field, |_| Ipv4Addr::LOCALHOST, b"").await;
    resumed.write_all(&question).await.expect("sent");
    let mut answer = vec![0; 4096];
    let read = tokio::time::timeout(WITHIN, resumed.read(&mut answer)).await.expect("in time").expect("an answer");

    assert!(answer[..read].starts_with(b"HTTP/1.1 200"));
    drop(strangers);
}

#[tokio::test(flavor = "multi_thread")]
async fn dispatchers_sign_in_and_work_while_one_machine_holds_every_place_of_the_console() {
    let stage = Stage::set().await;
    people::add(&stage.center, "sari", "Sari", "dispatcher", "kata-sandi-sari").expect("a person");
    let console = stage.serving.console;
    let began =
        b"POST /api/session HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{";
    let strangers = Strangers::hold(console, |_| Ipv4Addr::new(127, 0, 9, 1), began).await;
    let ask = async |request: String| {
        let asked = async {
            let mut stream = connect(Ipv4Addr::LOCALHOST, console).await.expect("a connection");
            stream.write_all(request.as_bytes()).await.expect("sent");
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.expect("an answer");
            answer
        };
        // A debug build hashes a password in about a second.
        tokio::time::timeout(3 * WITHIN, asked).await.expect("an answer in time")
    };

    let body = r#"{"user":"sari","password":"kata-sandi-sari"}"#;
    let length = body.len();
    let signed_in = ask(format!(
        "POST /api/session HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    ))
    .await;
    let cookie = signed_in.lines().find_map(|line| line.strip_prefix("set-cookie: ")).expect("a cookie");
    let cookie = cookie.split(';').next().expect("a pair");
    let units =
        ask(format!("GET /api/units HTTP/1.1\r\nHost: a\r\nConnection: close\r\nCookie: {cookie}\r\n\r\n")).await;

    assert!(units.starts_with("HTTP/1.1 200"), "{units}");
    drop(strangers);
}

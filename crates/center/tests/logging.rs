//! The log's disk is full, or the reader of the log is gone or stands still: requests are answered all the same.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

struct Served {
    child: Child,
    console: SocketAddr,
    field: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("an address")
}

/// A served center that logs everything there is to log.
fn served(out: Stdio, err: Stdio, then: impl FnOnce(&mut Child)) -> Served {
    let folder = tempfile::tempdir().expect("a folder");
    let (console, field) = (free_address(), free_address());
    let mut child = Command::new(env!("CARGO_BIN_EXE_siaga-center"))
        .args(["serve", "--admission-workers", "1", "--data"])
        .arg(folder.path().join("center"))
        .args(["--listen", &console.to_string(), "--field-listen", &field.to_string()])
        .env("SIAGA_LOG", "trace")
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(err)
        .spawn()
        .expect("a program");
    then(&mut child);
    let began = Instant::now();
    while TcpStream::connect(console).is_err() {
        assert!(began.elapsed() < Duration::from_secs(20), "the console listens");
        std::thread::yield_now();
    }
    Served { child, console, field, _folder: folder }
}

/// The status of one request.
fn ask(at: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(at).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer.get(9..12).unwrap_or_default().to_owned()
}

fn is_served(served: &mut Served) {
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    let body = r#"{"user":"siapa","password":"salah"}"#;
    let sign_in = format!(
        "POST /api/session HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );

    // No TLS: the field listener logs a handshake that failed.
    let mut stranger = TcpStream::connect(served.field).expect("a connection");
    stranger.write_all(b"GET / HTTP/1.1\r\n\r\n").expect("sent");
    let _ = stranger.read_to_end(&mut Vec::new());
    for _ in 0..40 {
        assert_eq!(ask(served.console, &get("/health")), "200");
        assert_eq!(ask(served.console, &get("/api/units")), "401");
    }
    assert_eq!(ask(served.console, &sign_in), "401");
    assert!(served.child.try_wait().expect("a process").is_none(), "it runs on");
}

fn full() -> Stdio {
    Stdio::from(File::options().write(true).open("/dev/full").expect("a disk without room"))
}

#[test]
fn a_full_disk_of_the_log_fails_no_request() {
    let mut served = served(full(), full(), |_| {});

    is_served(&mut served);
}

#[test]
fn a_log_whose_reader_is_gone_fails_no_request() {
    let mut served = served(Stdio::piped(), Stdio::piped(), |child| drop((child.stdout.take(), child.stderr.take())));

    is_served(&mut served);
}

#[test]
fn a_log_whose_reader_stands_still_delays_no_request() {
    let mut reader = None;
    let mut served = served(Stdio::null(), Stdio::piped(), |child| reader = child.stderr.take());

    is_served(&mut served);
    drop(reader);
}

#[test]
fn a_command_that_fails_says_so_by_its_code_when_nobody_can_read_why() {
    let ended = Command::new(env!("CARGO_BIN_EXE_siaga-center"))
        .args(["check", "--data", "/nowhere"])
        .stdout(full())
        .stderr(full())
        .status()
        .expect("a program");

    assert_eq!(ended.code(), Some(2));
}

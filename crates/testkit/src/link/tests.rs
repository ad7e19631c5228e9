//! The link against an echo at its far end.

use super::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Answers every byte with the same byte.
async fn echo() -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut from, mut to) = stream.split();
                let _ = tokio::io::copy(&mut from, &mut to).await;
            });
        }
    });
    address
}

async fn link(quality: Quality) -> Link {
    Link::open(echo().await, quality, Seed::new(7)).await.expect("a link")
}

async fn sent_and_heard(link: &Link, bytes: &[u8]) -> Vec<u8> {
    let Ok(mut stream) = TcpStream::connect(link.address()).await else { return Vec::new() };
    let mut heard = Vec::new();
    if stream.write_all(bytes).await.is_err() || stream.shutdown().await.is_err() {
        return heard;
    }
    let _ = stream.read_to_end(&mut heard).await;
    heard
}

#[tokio::test]
async fn a_good_link_carries_everything_and_counts_it() {
    let link = link(Quality::default()).await;

    let heard = sent_and_heard(&link, &[9; 100_000]).await;

    assert_eq!(heard, vec![9; 100_000]);
    assert_eq!(link.traffic(), Traffic { up_bytes: 100_000, down_bytes: 100_000 });
}

#[tokio::test]
async fn what_was_carried_before_is_not_counted_since() {
    let link = link(Quality::default()).await;
    sent_and_heard(&link, &[1; 500]).await;
    let before = link.traffic();

    sent_and_heard(&link, &[2; 30]).await;

    assert_eq!(link.traffic().since(before), Traffic { up_bytes: 30, down_bytes: 30 });
}

#[tokio::test]
async fn a_slow_link_takes_the_time_its_rate_needs() {
    let link = link(Quality { up_bytes_per_s: Some(100_000), ..Quality::default() }).await;
    let before = Instant::now();

    sent_and_heard(&link, &[3; 20_000]).await;

    assert!(before.elapsed() >= Duration::from_millis(200), "{:?}", before.elapsed());
}

#[tokio::test]
async fn a_far_link_delays_a_byte_there_and_back() {
    let link = link(Quality { delay: Duration::from_millis(50), ..Quality::default() }).await;
    let before = Instant::now();

    sent_and_heard(&link, b"x").await;

    assert!(before.elapsed() >= Duration::from_millis(100), "{:?}", before.elapsed());
}

#[tokio::test]
async fn nothing_gets_through_until_coverage_returns() {
    let link = link(Quality::default()).await;

    link.cut();
    assert_eq!(sent_and_heard(&link, b"hello").await, b"");

    link.restore();
    assert_eq!(sent_and_heard(&link, b"hello").await, b"hello");
    assert_eq!(link.connections().first().map(|one| one.fate), Some(Fate::Reset));
}

#[tokio::test]
async fn a_cut_ends_a_connection_that_is_open() {
    let link = link(Quality::default()).await;
    let mut stream = TcpStream::connect(link.address()).await.expect("connected");
    stream.write_all(b"a").await.expect("sent");
    let mut one = [0];
    stream.read_exact(&mut one).await.expect("echoed");

    link.cut();

    assert!(matches!(stream.read(&mut one).await, Ok(0) | Err(_)));
    assert_eq!(link.connections().first().map(|one| one.fate), Some(Fate::Cut));
}

#[tokio::test]
async fn a_connection_meant_to_be_cut_carries_exactly_what_it_may() {
    let link = link(Quality { cut_percent: 100, cut_after_bytes: Some(700..=700), ..Quality::default() }).await;

    let heard = sent_and_heard(&link, &[4; 600]).await;

    assert!(heard.len() <= 100, "{}", heard.len());
    assert_eq!(link.traffic().total_bytes(), 700);
}

#[tokio::test]
async fn a_connection_reset_by_chance_carries_nothing() {
    let link = link(Quality { reset_percent: 100, ..Quality::default() }).await;

    assert_eq!(sent_and_heard(&link, b"hello").await, b"");
    assert_eq!(link.traffic(), Traffic::default());
}

#[tokio::test]
async fn one_seed_cuts_the_same_connections_again() {
    let quality = Quality { reset_percent: 50, ..Quality::default() };
    let mut fates = Vec::new();
    for _ in 0..2 {
        let link = link(quality.clone()).await;
        for _ in 0..12 {
            sent_and_heard(&link, b"x").await;
        }
        fates.push(link.connections().iter().map(|one| one.fate == Fate::Reset).collect::<Vec<_>>());
    }

    assert_eq!(fates.first(), fates.last());
    assert!(fates.iter().flatten().any(|reset| *reset));
}

#[tokio::test(start_paused = true)]
async fn an_outage_comes_and_goes_by_its_schedule() {
    let outage = Outage { from: Duration::from_secs(10), until: Duration::from_secs(25) };
    let link = link(Quality { outages: vec![outage], ..Quality::default() }).await;
    let mut seen = vec![link.is_reachable()];

    tokio::time::sleep(Duration::from_secs(11)).await;
    seen.push(link.is_reachable());
    tokio::time::sleep(Duration::from_secs(15)).await;
    seen.push(link.is_reachable());

    assert_eq!(seen, [true, false, true]);
}

fn rhythm(first: u64, covered: u64, gone: u64) -> Option<Rhythm> {
    let seconds = Duration::from_secs;
    Some(Rhythm { first: seconds(first), covered: seconds(covered), gone: seconds(gone) })
}

#[tokio::test(start_paused = true)]
async fn coverage_comes_and_goes_by_its_rhythm() {
    let link = link(Quality { rhythm: rhythm(5, 8, 52), ..Quality::default() }).await;
    let mut seen = vec![link.is_reachable()];

    for seconds in [6, 8, 50, 8] {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        seen.push(link.is_reachable());
    }

    assert_eq!(seen, [false, true, false, false, true], "at 0, 6, 14, 64 and 72 s");
}

#[tokio::test]
async fn a_silent_outage_says_nothing_and_hands_over_what_was_under_way_when_it_ends() {
    let link = link(Quality { gone: Gone::Silent, ..Quality::default() }).await;
    let mut stream = TcpStream::connect(link.address()).await.expect("connected");
    stream.write_all(b"a").await.expect("sent");
    let mut one = [0];
    stream.read_exact(&mut one).await.expect("echoed");

    link.cut();
    stream.write_all(b"b").await.expect("nothing says that nobody listens");
    let during = link.traffic();
    link.restore();
    stream.read_exact(&mut one).await.expect("echoed at last");

    assert_eq!((during.up_bytes, &one), (1, b"b"));
    assert_eq!(link.connections().first().map(|one| one.fate), Some(Fate::Open));
}

#[tokio::test]
async fn a_connection_begun_in_silence_stands_when_coverage_is_back() {
    let link = link(Quality { gone: Gone::Silent, ..Quality::default() }).await;
    link.cut();
    let mut stream = TcpStream::connect(link.address()).await.expect("the kernel answers");
    stream.write_all(b"a").await.expect("sent");
    assert_eq!(link.traffic(), Traffic::default());

    link.restore();

    let mut one = [0];
    stream.read_exact(&mut one).await.expect("echoed");
    assert_eq!(&one, b"a");
}

#[tokio::test]
async fn nobody_at_the_far_end_hears_of_a_connection_given_up_in_silence() {
    let link = link(Quality { gone: Gone::Silent, ..Quality::default() }).await;
    link.cut();
    let mut stream = TcpStream::connect(link.address()).await.expect("the kernel answers");
    stream.write_all(b"a").await.expect("sent");
    drop(stream);
    while link.connections().first().map(|one| one.fate) != Some(Fate::Reset) {
        tokio::task::yield_now().await;
    }

    link.restore();
    sent_and_heard(&link, b"later").await;

    assert_eq!(link.traffic().up_bytes, 5);
}

#[tokio::test]
async fn a_connection_the_network_forgot_carries_nothing_and_a_new_one_does() {
    let link = link(Quality { gone: Gone::Forgotten, ..Quality::default() }).await;
    let mut stream = TcpStream::connect(link.address()).await.expect("connected");
    stream.write_all(b"a").await.expect("sent");
    let mut one = [0];
    stream.read_exact(&mut one).await.expect("echoed");

    link.cut();
    link.restore();
    stream.write_all(b"b").await.expect("nothing says that nobody listens");
    let heard = sent_and_heard(&link, b"new").await;

    assert_eq!(heard, b"new");
    assert_eq!(link.connections().first().map(|one| one.traffic.up_bytes), Some(1));
}

#[tokio::test]
async fn a_round_trip_is_a_connection_that_stands_or_something_said_that_was_answered() {
    let link = link(Quality::default()).await;
    let mut stream = TcpStream::connect(link.address()).await.expect("connected");
    let mut heard = [0; 3];

    for _ in 0..2 {
        stream.write_all(b"abc").await.expect("sent");
        stream.read_exact(&mut heard).await.expect("echoed");
    }

    assert_eq!(link.round_trips(), 3);
}

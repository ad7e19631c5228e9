//! The link against an echo at its far end.

use super::*;

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

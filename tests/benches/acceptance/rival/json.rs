//! The shift as plain JSON: a request for each thing done, one after the other on a connection kept alive.
//!
//! Heads are as short as HTTP/1.1 allows, an answer is an id; a request whose answer was lost is sent again.

use super::{PATIENCE, PAUSE, Trust};
use crate::shift::Ran;
use anyhow::{Context, ensure};
use siaga_testkit::link::{Link, Quality};
use siaga_testkit::seed::Seed;
use siaga_testkit::shift::Written;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep, timeout};

/// Positions in one request: one each would only measure the round trip.
const FIXES: usize = 100;
const ANSWER: &str = r#"{"id":"019ab7c2-5a1e-7cc3-98c4-dc0c0c07398f"}"#;

pub(crate) async fn run(written: &Written, quality: Quality, within: Duration) -> anyhow::Result<Ran> {
    let trust = Arc::new(Trust::new()?);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let link = Link::open(listener.local_addr()?, quality, Seed::new(7)).await?;
    let serving = tokio::spawn(serve(listener, Arc::clone(&trust)));
    let events = written.events.iter().map(|event| (event.path, event.body.to_string()));
    let fixes = written.fixes.chunks(FIXES).map(|fixes| ("trail", serde_json::Value::from(fixes.to_vec()).to_string()));
    let requests: Vec<(&str, String)> = events.chain(fixes).collect();
    link.covered().await;
    let began = Instant::now();
    let mut ran = Ran::default();
    let mut done = 0;
    let mut line = None;
    while done < requests.len() && began.elapsed() < within {
        let Some((path, body)) = requests.get(done) else { break };
        let asked = timeout(PATIENCE, async {
            let mut open = match line.take() {
                Some(open) => open,
                None => BufReader::new(trust.connect(link.address()).await?),
            };
            ask(&mut open, path, body).await?;
            anyhow::Ok(open)
        });
        match asked.await {
            Ok(Ok(open)) => {
                line = Some(open);
                done += 1;
            }
            _ => sleep(PAUSE).await,
        }
        if done == written.events.len() && ran.records.is_none() {
            ran.records = Some(began.elapsed());
            ran.records_traffic = link.traffic();
            ran.records_round_trips = link.round_trips();
        }
    }
    ran.everything = (done == requests.len()).then(|| began.elapsed());
    ran.traffic = link.traffic();
    ran.round_trips = link.round_trips();
    ran.left = requests.len() - done;
    ran.of = requests.len();
    serving.abort();
    Ok(ran)
}

async fn ask(open: &mut BufReader<impl AsyncRead + AsyncWrite + Unpin>, path: &str, body: &str) -> anyhow::Result<()> {
    let head = format!(
        "POST /api/{path} HTTP/1.1\r\nhost: 112.example\r\nauthorization: Bearer 019ab7c25a1e7cc398c4dc0c0c07398f\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    open.write_all((head + body).as_bytes()).await?;
    open.flush().await?;
    let (head, answer) = message(open).await?;
    ensure!(head.starts_with("HTTP/1.1 201") && answer == ANSWER.as_bytes(), "not an answer");
    Ok(())
}

async fn serve(listener: TcpListener, trust: Arc<Trust>) {
    while let Ok((stream, _)) = listener.accept().await {
        let trust = Arc::clone(&trust);
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            let Ok(stream) = trust.acceptor.accept(stream).await else { return };
            let mut stream = BufReader::new(stream);
            let answer = format!(
                "HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{ANSWER}",
                ANSWER.len()
            );
            while message(&mut stream).await.is_ok() {
                if stream.write_all(answer.as_bytes()).await.is_err() || stream.flush().await.is_err() {
                    return;
                }
            }
        });
    }
}

/// One head and its body.
async fn message(from: &mut BufReader<impl AsyncRead + Unpin>) -> anyhow::Result<(String, Vec<u8>)> {
    let mut head = String::new();
    loop {
        let before = head.len();
        ensure!(from.read_line(&mut head).await? > 0, "closed");
        if head.get(before..) == Some("\r\n") {
            break;
        }
    }
    let size = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .context("no size")?
        .trim()
        .parse::<usize>()?;
    let mut body = vec![0; size];
    from.read_exact(&mut body).await?;
    Ok((head, body))
}

//! The shift by Automerge's own sync protocol: every document of the phone over one WebSocket, a message a frame.
//!
//! Both sides remember what they had in common before, as the protocol allows; after a lost connection they go on
//! from what they remember of each other.

use super::{PATIENCE, PAUSE, Trust};
use crate::shift::Ran;
use anyhow::{Context, ensure};
use automerge::Automerge;
use automerge::sync::{Message, State, SyncDoc};
use futures_util::{SinkExt, StreamExt};
use siaga_testkit::link::{Link, Quality};
use siaga_testkit::seed::Seed;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message as Frame;

const ID_BYTES: usize = 16;

/// A document by its id, as saved bytes.
pub(crate) type Saved = BTreeMap<[u8; ID_BYTES], Vec<u8>>;

/// A document, and what is known of the other side's.
struct Known {
    document: Automerge,
    state: State,
}

type Side = BTreeMap<[u8; ID_BYTES], Known>;

pub(crate) async fn run(before: &Saved, after: &Saved, quality: Quality, within: Duration) -> anyhow::Result<Ran> {
    let trust = Arc::new(Trust::new()?);
    let (mut phone, center) = sides(before, after)?;
    let center = Arc::new(Mutex::new(center));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let link = Link::open(listener.local_addr()?, quality, Seed::new(7)).await?;
    let serving = tokio::spawn(serve(listener, Arc::clone(&trust), Arc::clone(&center)));
    link.covered().await;
    let began = Instant::now();
    let until = began + within;
    while unknown(&phone) > 0 && Instant::now() < until {
        if timeout_at(until, talk(&mut phone, &trust, &link)).await.is_ok_and(|talked| talked.is_err()) {
            sleep(PAUSE).await;
        }
    }
    let left = unknown(&phone);
    let took = (left == 0).then(|| began.elapsed());
    if left == 0 {
        let center = center.lock().unwrap_or_else(PoisonError::into_inner);
        let equal = phone.iter().all(|(id, known)| {
            center.get(id).is_some_and(|other| other.document.get_heads() == known.document.get_heads())
        });
        ensure!(equal, "the protocol says that it is done, and the documents differ");
    }
    serving.abort();
    Ok(Ran {
        records: took,
        everything: took,
        records_traffic: link.traffic(),
        records_round_trips: link.round_trips(),
        traffic: link.traffic(),
        round_trips: link.round_trips(),
        left,
        of: phone.len(),
        ..Ran::default()
    })
}

/// The phone with everything, the center with what was there before, and what each remembers of the other.
fn sides(before: &Saved, after: &Saved) -> anyhow::Result<(Side, Side)> {
    let (mut phone, mut center) = (Side::new(), Side::new());
    for (id, saved) in after {
        let document = Automerge::load(saved)?;
        let mut state = State::new();
        if let Some(saved) = before.get(id) {
            let known = Automerge::load(saved)?;
            state.shared_heads = known.get_heads();
            center.insert(*id, Known { document: known, state: State::decode(&state.encode())? });
        }
        phone.insert(*id, Known { document, state: State::decode(&state.encode())? });
    }
    Ok((phone, center))
}

/// Documents of which the phone does not know that the center has all of them.
fn unknown(phone: &Side) -> usize {
    phone.values().filter(|known| !is_whole(known)).count()
}

fn is_whole(known: &Known) -> bool {
    known.state.their_heads.as_ref() == Some(&known.document.get_heads())
}

async fn talk(phone: &mut Side, trust: &Trust, link: &Link) -> anyhow::Result<()> {
    for known in phone.values_mut() {
        known.state = remembered(&known.state)?;
    }
    let stream = timeout(PATIENCE, trust.connect(link.address())).await??;
    let (mut socket, _) =
        timeout(PATIENCE, tokio_tungstenite::client_async("wss://112.example/sync", stream)).await??;
    // What the center was seen to have whole is not asked about again.
    for (id, known) in phone.iter_mut().filter(|(_, known)| !is_whole(known)) {
        say(&mut socket, *id, known).await?;
    }
    socket.flush().await?;
    while unknown(phone) > 0 {
        let frame = timeout(PATIENCE, socket.next()).await?.context("closed")??;
        let Some((id, message)) = heard(frame)? else { continue };
        let known = phone.get_mut(&id).context("a document nobody has")?;
        known.document.receive_sync_message(&mut known.state, message)?;
        say(&mut socket, id, known).await?;
        socket.flush().await?;
    }
    let _ = socket.close(None).await;
    Ok(())
}

async fn serve(listener: TcpListener, trust: Arc<Trust>, side: Arc<Mutex<Side>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (trust, side) = (Arc::clone(&trust), Arc::clone(&side));
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            let Ok(stream) = trust.acceptor.accept(stream).await else { return };
            let Ok(socket) = tokio_tungstenite::accept_async(stream).await else { return };
            // A phone that is gone comes back on another connection.
            let _ = answer(socket, &side).await;
        });
    }
}

async fn answer(
    mut socket: WebSocketStream<impl AsyncRead + AsyncWrite + Unpin>,
    side: &Mutex<Side>,
) -> anyhow::Result<()> {
    for known in side.lock().unwrap_or_else(PoisonError::into_inner).values_mut() {
        known.state = remembered(&known.state)?;
    }
    while let Some(frame) = socket.next().await {
        let Some((id, message)) = heard(frame?)? else { continue };
        let reply = {
            let mut side = side.lock().unwrap_or_else(PoisonError::into_inner);
            let known = side.entry(id).or_insert_with(|| Known { document: Automerge::new(), state: State::new() });
            known.document.receive_sync_message(&mut known.state, message)?;
            known.document.generate_sync_message(&mut known.state).map(Message::encode)
        };
        if let Some(reply) = reply {
            socket.send(framed(id, &reply)).await?;
        }
    }
    Ok(())
}

/// What outlives a connection: what both have, and here what the other was seen to have.
fn remembered(state: &State) -> anyhow::Result<State> {
    let their_heads = state.their_heads.clone();
    Ok(State { their_heads, ..State::decode(&state.encode())? })
}

async fn say(
    socket: &mut WebSocketStream<impl AsyncRead + AsyncWrite + Unpin>,
    id: [u8; ID_BYTES],
    known: &mut Known,
) -> anyhow::Result<()> {
    if let Some(message) = known.document.generate_sync_message(&mut known.state) {
        socket.feed(framed(id, &message.encode())).await?;
    }
    Ok(())
}

fn framed(id: [u8; ID_BYTES], message: &[u8]) -> Frame {
    Frame::binary([id.as_slice(), message].concat())
}

fn heard(frame: Frame) -> anyhow::Result<Option<([u8; ID_BYTES], Message)>> {
    let Frame::Binary(bytes) = frame else { return Ok(None) };
    let (id, message) = bytes.split_first_chunk::<ID_BYTES>().context("a frame without an id")?;
    Ok(Some((*id, Message::decode(message)?)))
}

//! The road between phones and the center: what becomes of each message, and requests the center holds.

use super::{Happening, Machine, is_full};
use crate::simulation::plan::Weather;
use anyhow::{Context as _, Result};
use siaga_center::Center;
use siaga_center::exchange::answer::{ExchangeError, Held as HeldAnswer, LastLook, Turn};
use siaga_center::hub::Hold;
use siaga_sync::clock::Moment;
use siaga_sync::exchange::Prepared;
use siaga_sync::http::HttpError;
use siaga_sync::session::Line;
use siaga_wire::codec;
use siaga_wire::compact::{self, Asked};
use siaga_wire::exchange::ExchangeAnswer;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// A request on its way, until its answer or the lack of one is known.
pub(super) struct Request {
    pub phone: usize,
    pub life: u64,
    pub line: Line,
    pub prepared: Prepared,
    pub sent: Moment,
}

/// How a request was written, and its answer is.
enum Form {
    Long,
    Short(Box<Asked>),
}

/// What travels up: the bytes, and the media type that says how to read them.
#[derive(Clone, Debug)]
pub(super) struct Body {
    pub bytes: Rc<Vec<u8>>,
    pub media: &'static str,
}

/// A request at the center that waits for something new.
pub(super) struct Held {
    phone: usize,
    form: Form,
    answer: HeldAnswer,
    hold: Hold,
}

/// How a center that cannot answer says so over HTTP, as the phone's client reads it.
const BUSY: HttpError = HttpError::Busy(5);

impl Machine<'_> {
    fn is_silent(&self, phone: usize) -> bool {
        self.phones.get(phone).is_none_or(|phone| phone.silent_until_ms > self.time.now_ms())
    }

    /// The weather over a phone, when it strikes this message.
    fn struck(&mut self, phone: usize) -> Option<Weather> {
        let now = self.time.now_ms();
        let phone = self.phones.get_mut(phone)?;
        let sky = phone.sky.filter(|sky| sky.until_ms > now)?;
        phone.road.happens(sky.percent).then_some(sky.weather)
    }

    fn between(&mut self, phone: usize, low: u64, high: u64) -> i64 {
        let Some(phone) = self.phones.get_mut(phone) else { return 0 };
        i64::try_from(phone.road.between(low, high)).unwrap_or(0)
    }

    /// A request leaves a phone.
    pub(super) fn send(&mut self, request: u64, phone: usize, body: Body) -> Result<()> {
        let refused = self.between(phone, 50, 2_000);
        if self.is_silent(phone) {
            // Half the time the phone knows that it has no network; otherwise the void says nothing.
            if refused % 2 == 0 {
                self.after(refused, Happening::Answered { request, arrived: Err(HttpError::Unreachable) });
            }
            return Ok(());
        }
        let road_ms = self.between(phone, 20, 400);
        match self.struck(phone) {
            None => self.after(road_ms, Happening::Arrives { request, phone, body }),
            Some(Weather::Loses) => {
                if refused % 3 > 0 {
                    self.after(refused, Happening::Answered { request, arrived: Err(HttpError::Cut) });
                }
            }
            Some(Weather::Doubles) => {
                let later = self.between(phone, 1, 20_000);
                self.after(road_ms, Happening::Arrives { request, phone, body: body.clone() });
                self.after(road_ms + later, Happening::Arrives { request, phone, body });
            }
            Some(Weather::Delays) => {
                let late = self.between(phone, 1_000, 25_000);
                self.after(late, Happening::Arrives { request, phone, body });
            }
            Some(Weather::CutsShort) => {
                let most = u64::try_from(body.bytes.len()).unwrap_or(u64::MAX).saturating_sub(1);
                let length = usize::try_from(self.between(phone, 0, most)).unwrap_or(0);
                let part = body.bytes.iter().take(length).copied().collect();
                let body = Body { bytes: Rc::new(part), ..body };
                self.after(road_ms, Happening::Arrives { request, phone, body });
            }
            Some(Weather::Portal) => {
                let arrived = if refused % 2 == 0 {
                    Err(HttpError::NotOurCenter)
                } else {
                    Ok(b"<html>Selamat datang di WiFi</html>".to_vec())
                };
                self.after(road_ms, Happening::Answered { request, arrived });
            }
        }
        Ok(())
    }

    /// A request reaches the center.
    pub(super) fn arrive(&mut self, request: u64, phone: usize, body: &Body) -> Result<()> {
        if self.is_silent(phone) {
            return Ok(());
        }
        let Some(center) = self.center.clone() else {
            self.after(50, Happening::Answered { request, arrived: Err(HttpError::Unreachable) });
            return Ok(());
        };
        self.exchanges += 1;
        let Body { bytes, media } = body;
        self.note(phone, b'c', bytes);
        tracing::debug!(at_ms = self.time.now_ms(), phone, bytes = bytes.len(), "a request arrives");
        let now = self.time.utc();
        let turn = if *media == compact::MEDIA_TYPE {
            let turn = center.exchange_short(bytes, now, &|_, _| Ok(()));
            turn.map(|(turn, asked)| (turn, Form::Short(Box::new(asked))))
        } else {
            center.exchange(bytes, now).map(|turn| (turn, Form::Long))
        };
        if self.disks.is_dead(&self.database()) {
            self.center_dies();
            self.after(50, Happening::Answered { request, arrived: Err(HttpError::Cut) });
            return Ok(());
        }
        match turn {
            Ok((Turn::Answer(answer), form)) => {
                let bytes = written(&center, &answer, &form)?;
                self.respond(request, phone, Ok(bytes));
            }
            Ok((Turn::Hold(answer), form)) => {
                let answer = *answer;
                let for_ms = i64::try_from(answer.for_up_to.as_millis()).unwrap_or(0);
                let hold = center.hub().hold(answer.device, answer.holders);
                self.held.insert(request, Held { phone, form, answer, hold });
                self.after(for_ms, Happening::HoldEnds { request });
                // Between its question and this moment something may have come.
                self.look_again(request, LastLook::No)?;
            }
            Err(error) => {
                let arrived = match &error {
                    ExchangeError::Malformed(_) | ExchangeError::Short(_) => HttpError::NotOurCenter,
                    ExchangeError::Unknown => HttpError::Unauthorized,
                    _ => BUSY,
                };
                let error = anyhow::Error::from(error);
                let expected =
                    !matches!(arrived, HttpError::Busy(_)) || (self.disks.is_full(&self.database()) && is_full(&error));
                if !expected {
                    return Err(error).context(format!("the center does not answer phone {phone}"));
                }
                self.respond(request, phone, Err(arrived));
            }
        }
        drop(center);
        self.answer_held()
    }

    /// An answer leaves the center.
    fn respond(&mut self, request: u64, phone: usize, arrived: Result<Vec<u8>, HttpError>) {
        if self.is_silent(phone) {
            return;
        }
        self.note(phone, b'a', arrived.as_deref().unwrap_or_default());
        let bytes = arrived.as_ref().map_or(0, Vec::len);
        tracing::debug!(at_ms = self.time.now_ms(), phone, bytes, error = ?arrived.as_ref().err(), "an answer leaves");
        let road_ms = self.between(phone, 20, 400);
        match self.struck(phone) {
            Some(Weather::Loses) => {
                if road_ms % 2 == 0 {
                    self.after(road_ms, Happening::Answered { request, arrived: Err(HttpError::Cut) });
                }
            }
            Some(Weather::CutsShort) => {
                let cut = match arrived {
                    // The client tells a short body by its length; what reads it must not depend on that.
                    Ok(bytes) if road_ms % 2 == 0 => {
                        let most = u64::try_from(bytes.len()).unwrap_or(u64::MAX).saturating_sub(1);
                        let length = usize::try_from(self.between(phone, 0, most)).unwrap_or(0);
                        Ok(bytes.into_iter().take(length).collect())
                    }
                    _ => Err(HttpError::Cut),
                };
                self.after(road_ms, Happening::Answered { request, arrived: cut });
            }
            Some(Weather::Delays) => {
                let late = self.between(phone, 1_000, 12_000);
                self.after(late, Happening::Answered { request, arrived });
            }
            _ => self.after(road_ms, Happening::Answered { request, arrived }),
        }
    }

    pub(super) fn end_hold(&mut self, request: u64) -> Result<()> {
        if self.held.contains_key(&request) { self.look_again(request, LastLook::Yes) } else { Ok(()) }
    }

    /// Answers every held request that was woken.
    pub(super) fn answer_held(&mut self) -> Result<()> {
        let mut waker = Context::from_waker(Waker::noop());
        let woken: Vec<(u64, bool)> = self
            .held
            .iter()
            .filter(|(_, held)| pin!(held.hold.woken()).as_mut().poll(&mut waker) == Poll::Ready(()))
            .map(|(request, held)| (*request, held.hold.is_replaced()))
            .collect();
        for (request, is_replaced) in woken {
            self.look_again(request, if is_replaced { LastLook::Yes } else { LastLook::No })?;
        }
        Ok(())
    }

    fn look_again(&mut self, request: u64, last: LastLook) -> Result<()> {
        let Some(mut held) = self.held.remove(&request) else { return Ok(()) };
        let looked = self.at_center(|center| center.look_again(&mut held.answer, last))?;
        match looked {
            Some(Some(answer)) => {
                let center = self.center.clone().context("the center is down")?;
                let bytes = written(&center, &answer, &held.form)?;
                self.respond(request, held.phone, Ok(bytes));
            }
            Some(None) => {
                self.held.insert(request, held);
            }
            // It died, or could not look.
            None => self.after(50, Happening::Answered { request, arrived: Err(HttpError::Cut) }),
        }
        Ok(())
    }
}

fn written(center: &Center, answer: &ExchangeAnswer, form: &Form) -> Result<Vec<u8>> {
    match form {
        Form::Long => codec::encode(answer).context("encode an answer"),
        Form::Short(asked) => center.write_short(answer, asked).context("write an answer in its short form"),
    }
}

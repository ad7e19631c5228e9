//! Where lines of the log go: to the phone's own log, or to standard error on a desk.
//!
//! A process without an Activity has no standard error that anybody reads.

use std::io::{self, Write};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// Once in a process; whoever set one before keeps it.
pub(crate) fn begin() {
    let filter = EnvFilter::try_from_env("SIAGA_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .log_internal_errors(false)
        .with_writer(Lines);
    // A desktop's test may have set one.
    let _ = subscriber.try_init();
}

struct Lines;

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line;
    fn make_writer(&'a self) -> Line {
        Line(Vec::new())
    }
}

/// One line, said when it is whole.
struct Line(Vec<u8>);

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        say(&self.0);
    }
}

#[cfg(not(target_os = "android"))]
fn say(line: &[u8]) {
    // A line that cannot be said is no reason to stop.
    let _ = io::stderr().write_all(line);
}

#[cfg(target_os = "android")]
#[allow(unsafe_code, reason = "the phone's log is a C function")]
fn say(line: &[u8]) {
    use std::ffi::{CString, c_char, c_int};

    #[link(name = "log")]
    unsafe extern "C" {
        fn __android_log_write(priority: c_int, tag: *const c_char, text: *const c_char) -> c_int;
    }
    const INFO: c_int = 4;
    let text = CString::new(line.iter().copied().filter(|byte| *byte != 0).collect::<Vec<u8>>());
    if let Ok(text) = text {
        // SAFETY: both are C strings that live until the call returns.
        unsafe { __android_log_write(INFO, c"siaga".as_ptr(), text.as_ptr()) };
    }
}

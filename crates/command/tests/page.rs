//! The page server from outside: who is answered, what is answered, and that other processes' writes show.

#[path = "../../field/tests/stage/stage.rs"]
mod stage;

use serde_json::{Value, json};
use siaga_domain::kind::Role;
use stage::{Center, UNIT, enrol, hear};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

struct Server {
    child: Child,
    address: String,
    token: String,
}

impl Server {
    fn start(home: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_siaga-field"))
            .arg("--home")
            .arg(home)
            .args(["--json", "serve", "--listen", "127.0.0.1:0", "--no-sync"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
        let said: Value = serde_json::from_str(&line).expect("one JSON line");
        let text = |name: &str| said.get(name).and_then(Value::as_str).expect("a text").to_owned();
        assert_eq!(text("url"), format!("{}/#s={}", text("address"), text("token")));
        Self { child, address: text("address").replace("http://", ""), token: text("token") }
    }

    fn send(&self, head: &str, body: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).expect("connects");
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("is set");
        write!(stream, "{head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len()).expect("is sent");
        stream
    }

    /// Status and whole answer.
    fn answer(&self, head: &str, body: &str) -> (u16, String) {
        let mut text = String::new();
        self.send(head, body).read_to_string(&mut text).expect("an answer");
        let status = text.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
        (status, text)
    }

    fn ask(&self, command: &str, request: &Value) -> (u16, Value) {
        let head = format!(
            "POST /api/{command} HTTP/1.1\r\nHost: {}\r\nX-Siaga-Session: {}\r\nContent-Type: application/json",
            self.address, self.token
        );
        let (status, text) = self.answer(&head, &request.to_string());
        let body = text.split_once("\r\n\r\n").expect("a body").1;
        (status, serde_json::from_str(body).expect("JSON"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn phone() -> (TempDir, String) {
    let home = tempfile::tempdir().expect("a folder");
    enrol(home.path(), Role::Medic);
    let mut center = Center::new();
    let (directory, incident) = (center.directory(), center.incident());
    let order = center.order(incident.id, UNIT);
    let task = order.id.to_string();
    hear(home.path(), vec![directory, incident, order]);
    (home, task)
}

#[test]
fn the_page_presses_a_status_and_reads_it_back() {
    let (home, task) = phone();
    let server = Server::start(home.path());

    let (pressed, written) = server.ask("press", &json!({ "id": task, "status": "enroute" }));
    let (read, tasks) = server.ask("tasks", &json!({}));
    let (fixed, taken) = server.ask("fix", &json!({ "position": { "lat": -1.8, "lon": 109.9 } }));

    assert_eq!((pressed, written["id"].as_str()), (200, Some(task.as_str())));
    assert_eq!((read, tasks[0]["status"].as_str()), (200, Some("enroute")));
    assert_eq!((fixed, taken), (200, json!({ "kept": false })), "nobody is on duty");
}

#[test]
fn a_failure_keeps_its_code_argument_and_remedy() {
    let (home, task) = phone();
    let server = Server::start(home.path());

    let (status, failure) = server.ask("decline", &json!({ "id": task, "reason": "" }));
    let (unknown, _) = server.ask("launch", &json!({}));

    assert_eq!(
        (status, failure["code"].as_str(), failure["argument"].as_str()),
        (400, Some("bad_input"), Some("reason"))
    );
    assert_eq!(unknown, 404);
}

#[test]
fn nobody_without_the_token_or_from_elsewhere_is_answered() {
    let (home, _) = phone();
    let server = Server::start(home.path());
    let own = format!("Host: {}", server.address);
    let session = format!("X-Siaga-Session: {}", server.token);

    let (without, _) = server.answer(&format!("POST /api/home HTTP/1.1\r\n{own}"), "{}");
    let (wrong, _) = server.answer(&format!("POST /api/home HTTP/1.1\r\n{own}\r\nX-Siaga-Session: 00"), "{}");
    let (rebound, _) = server.answer(&format!("POST /api/home HTTP/1.1\r\nHost: evil.example\r\n{session}"), "{}");
    let foreign = format!("POST /api/home HTTP/1.1\r\n{own}\r\n{session}\r\nOrigin: http://evil.example");
    let (foreign, _) = server.answer(&foreign, "{}");
    let (events, _) = server.answer(&format!("GET /api/events?s=00 HTTP/1.1\r\n{own}"), "");

    assert_eq!((without, wrong, rebound, foreign, events), (401, 401, 421, 421, 401));
}

#[test]
fn every_answer_says_what_a_browser_may_do_with_it() {
    let (home, _) = phone();
    let server = Server::start(home.path());

    let (_, text) = server.answer(&format!("GET / HTTP/1.1\r\nHost: {}", server.address), "");

    let head = text.to_lowercase();
    assert!(head.contains("content-security-policy: default-src 'none'; script-src 'self';"));
    assert!(head.contains("x-content-type-options: nosniff"));
    assert!(head.contains("referrer-policy: no-referrer"));
}

#[test]
fn a_write_by_another_process_shows_as_an_event() {
    let (home, task) = phone();
    let server = Server::start(home.path());
    let head = format!("GET /api/events?s={} HTTP/1.1\r\nHost: {}", server.token, server.address);
    let mut events = BufReader::new(server.send(&head, "")).lines();
    let mut next = || events.by_ref().find(|line| line.as_ref().is_ok_and(|line| line.starts_with("event: changed")));
    assert!(next().is_some(), "the stream begins with one event");

    let pressed = Command::new(env!("CARGO_BIN_EXE_siaga-field"))
        .arg("--home")
        .arg(home.path())
        .args(["press", &task, "enroute"])
        .output()
        .expect("starts");

    assert!(pressed.status.success());
    assert!(next().is_some_and(|line| line.is_ok()), "the write was told");
}

#[test]
fn before_enrolment_there_is_a_home_without_anybody_in_it() {
    let home = tempfile::tempdir().expect("a folder");
    let server = Server::start(home.path());

    let (status, read) = server.ask("home", &json!({}));

    assert_eq!((status, &read["me"]), (200, &Value::Null));
}

#[test]
fn the_page_is_served_on_this_machine_only() {
    let home = tempfile::tempdir().expect("a folder");

    let output = Command::new(env!("CARGO_BIN_EXE_siaga-field"))
        .arg("--home")
        .arg(home.path())
        .args(["--json", "serve", "--listen", "0.0.0.0:0"])
        .output()
        .expect("starts");

    assert_eq!(output.status.code(), Some(2));
    let failure: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(failure["argument"], "listen");
}

#[cfg(unix)]
#[test]
fn sigterm_ends_it_cleanly_with_a_stream_still_open() {
    let (home, _) = phone();
    let mut server = Server::start(home.path());
    let head = format!("GET /api/events?s={} HTTP/1.1\r\nHost: {}", server.token, server.address);
    let _open = server.send(&head, "");

    let kill = Command::new("kill").args(["-TERM", &server.child.id().to_string()]).status().expect("starts");

    assert!(kill.success());
    assert_eq!(server.child.wait().expect("ends").code(), Some(0));
}

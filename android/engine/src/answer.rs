//! What Kotlin is told: `{"ok": value}` or `{"failure": {code, argument, detail, remedy}}`, always one of them.

use serde::Serialize;
use serde_json::{Value, json};
use siaga_field::{Failure, FailureCode};

pub(crate) type Answer = Result<Value, Failure>;

pub(crate) fn said(value: impl Serialize) -> Answer {
    serde_json::to_value(value).map_err(|_| Failure::internal("write the answer down"))
}

pub(crate) fn text(answer: Answer) -> String {
    match answer {
        Ok(value) => json!({ "ok": value }).to_string(),
        Err(failure) => json!({ "failure": failure }).to_string(),
    }
}

/// The home is not open in this process.
pub(crate) fn closed() -> Failure {
    Failure::new(FailureCode::Internal, None, "the home is not open in this process", "call `attach` and `open` first")
}

/// A request that is not what it should be; nothing of it is repeated.
pub(crate) fn unreadable(argument: &str) -> Failure {
    Failure::input(argument, "this is not the JSON of the request", "give the fields that `field::request` names")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_either_a_value_or_a_failure_with_its_remedy() {
        assert_eq!(text(said(3)), r#"{"ok":3}"#);
        let failure: Value = serde_json::from_str(&text(Err(closed()))).expect("JSON");
        assert_eq!(failure.pointer("/failure/code"), Some(&Value::from("internal")));
        assert_eq!(failure.pointer("/failure/remedy"), Some(&Value::from("call `attach` and `open` first")));
    }
}

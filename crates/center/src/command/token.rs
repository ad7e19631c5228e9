//! `siaga-center token`.

use super::args::Token;
use super::failure::Failure;
use super::{Answer, open};
use serde_json::json;
use siaga_center::people::token::{self, CreateTokenError};

pub(super) fn token(arguments: &Token) -> Result<Answer, Failure> {
    let center = open(&arguments.common.data)?;
    let token = token::create(&center, &arguments.name).map_err(|error| match &error {
        CreateTokenError::Name => {
            Failure::bad_input("name", error.to_string(), "name the system that will use the token")
        }
        _ => Failure::internal(&error),
    })?;
    let lines = vec![token.clone(), "Token ini hanya ditampilkan sekali.".to_owned()];
    Answer::new(&json!({ "name": arguments.name.trim(), "token": token }), lines)
}

//! `siaga-center admin`: people, posts, units, facilities and tokens.

use super::args::{Admin, AdminFacility, AdminPerson, AdminPost, AdminToken, AdminUnit, ByCode, Common};
use super::failure::Failure;
use super::{Answer, BY, open};
use serde_json::{Value, json};
use siaga_center::Center;
use siaga_center::admin::{AdminError, OneTime, Replace, name, place};
use siaga_center::db::DbError;
use siaga_center::db::person::token_names;
use siaga_domain::entry::Body;
use siaga_domain::id::NotACode;
use siaga_domain::record::directory::{Directory, Facility, Post, Unit};

pub(super) fn admin(arguments: &Admin) -> Result<Answer, Failure> {
    match arguments {
        Admin::Person(person) => of_person(person),
        Admin::Post(post) => of_post(post),
        Admin::Unit(unit) => of_unit(unit),
        Admin::Facility(facility) => of_facility(facility),
        Admin::Token(token) => of_token(token),
    }
}

fn of_person(arguments: &AdminPerson) -> Result<Answer, Failure> {
    match arguments {
        AdminPerson::Add { common, user, name, role } => {
            let added = center(common)?.add_person(user, name, *role, BY).map_err(|error| failure(&error))?;
            one_time(&added)
        }
        AdminPerson::Password { common, user } => {
            one_time(&center(common)?.renew_password(user, BY).map_err(|error| failure(&error))?)
        }
        AdminPerson::End { common, user } => {
            center(common)?.end_person(user, BY).map_err(|error| failure(&error))?;
            Answer::new(&json!({ "ended": user }), vec![format!("{user} tidak dapat masuk lagi.")])
        }
        AdminPerson::List { common } => {
            let people = center(common)?.people().map_err(|error| internal(&error))?;
            let state = |disabled, one_time| match (disabled, one_time) {
                (true, _) => "berakhir",
                (false, true) => "belum pernah masuk",
                (false, false) => "aktif",
            };
            let lines = people
                .iter()
                .map(|one| format!("{}: {} ({}), {}", one.user, one.name, one.role, state(one.disabled, one.one_time)))
                .collect();
            let all: Vec<Value> = people
                .iter()
                .map(|one| {
                    json!({ "user": one.user, "name": one.name, "role": one.role, "ended": one.disabled, "one_time": one.one_time })
                })
                .collect();
            Answer::new(&all, lines)
        }
    }
}

fn one_time(person: &OneTime) -> Result<Answer, Failure> {
    let lines = vec![
        format!("Masuk: {} / {}", person.user, person.password),
        "Kata sandi ini hanya ditampilkan sekali dan harus diganti saat pertama masuk.".to_owned(),
    ];
    Answer::new(&json!({ "user": person.user, "password": person.password, "one_time": true }), lines)
}

fn of_post(arguments: &AdminPost) -> Result<Answer, Failure> {
    match arguments {
        AdminPost::Add { common, code, name: text, agency, place: at, replace } => {
            let (lat, lon) = place(at.lat, at.lon).map_err(|error| failure(&error))?;
            let body = Body::Post(Post {
                code: coded("code", code)?,
                name: name("name", text).map_err(|error| failure(&error))?,
                agency: coded("agency", agency)?,
                lat,
                lon,
            });
            added(common, body, *replace, code)
        }
        AdminPost::End(by) => ended("post", by),
        AdminPost::List { common } => listed(common, |directory| {
            directory
                .posts
                .iter()
                .map(|one| (json!(one), format!("{}: {} ({})", one.code, one.name, one.agency)))
                .collect()
        }),
    }
}

fn of_unit(arguments: &AdminUnit) -> Result<Answer, Failure> {
    match arguments {
        AdminUnit::Add { common, code, name: text, kind, agency, post, replace } => {
            let body = Body::Unit(Unit {
                code: coded("code", code)?,
                name: name("name", text).map_err(|error| failure(&error))?,
                kind: *kind,
                agency: coded("agency", agency)?,
                post: coded("post", post)?,
            });
            added(common, body, *replace, code)
        }
        AdminUnit::End(by) => ended("unit", by),
        AdminUnit::List { common } => listed(common, |directory| {
            directory
                .units
                .iter()
                .map(|one| (json!(one), format!("{}: {} ({})", one.code, one.name, one.post)))
                .collect()
        }),
    }
}

fn of_facility(arguments: &AdminFacility) -> Result<Answer, Failure> {
    match arguments {
        AdminFacility::Add { common, code, name: text, phone, place: at, replace } => {
            let (lat, lon) = place(at.lat, at.lon).map_err(|error| failure(&error))?;
            let phone =
                phone.as_deref().map(|text| name("phone", text)).transpose().map_err(|error| failure(&error))?;
            let body = Body::Facility(Facility {
                code: coded("code", code)?,
                name: name("name", text).map_err(|error| failure(&error))?,
                phone,
                lat,
                lon,
            });
            added(common, body, *replace, code)
        }
        AdminFacility::End(by) => ended("facility", by),
        AdminFacility::List { common } => listed(common, |directory| {
            directory.facilities.iter().map(|one| (json!(one), format!("{}: {}", one.code, one.name))).collect()
        }),
    }
}

fn of_token(arguments: &AdminToken) -> Result<Answer, Failure> {
    match arguments {
        AdminToken::List { common } => {
            let names = center(common)?.db().read(|tx| token_names(tx)).map_err(|error: DbError| internal(&error))?;
            let all: Vec<Value> = names.iter().map(|(name, made)| json!({ "name": name, "made_ms": made, })).collect();
            Answer::new(&all, names.iter().map(|(name, made)| format!("{name}, dibuat {}", made.rfc3339())).collect())
        }
        AdminToken::Withdraw { common, name } => {
            let count = center(common)?.withdraw_token(name, BY).map_err(|error| failure(&error))?;
            Answer::new(&json!({ "name": name, "withdrawn": count }), vec![format!("{count} token {name} dicabut.")])
        }
    }
}

fn added(common: &Common, body: Body, replace: bool, code: &str) -> Result<Answer, Failure> {
    let replace = if replace { Replace::Yes } else { Replace::No };
    let kind = body.kind().to_owned();
    center(common)?.add_to_directory(body, replace, BY).map_err(|error| failure(&error))?;
    Answer::new(&json!({ "added": kind, "code": code }), vec![format!("{code} ditulis ke direktori.")])
}

fn ended(kind: &'static str, by: &ByCode) -> Result<Answer, Failure> {
    center(&by.common)?.end_in_directory(kind, &by.code, BY).map_err(|error| failure(&error))?;
    Answer::new(&json!({ "ended": kind, "code": by.code }), vec![format!("{} diakhiri.", by.code)])
}

fn listed(common: &Common, of: fn(&Directory) -> Vec<(Value, String)>) -> Result<Answer, Failure> {
    let directory = center(common)?.directory().map_err(|error| internal(&error))?;
    let all = directory.as_ref().map(of).unwrap_or_default();
    let (values, lines): (Vec<Value>, Vec<String>) = all.into_iter().unzip();
    Answer::new(&values, lines)
}

fn center(common: &Common) -> Result<Center, Failure> {
    open(&common.data)
}

fn coded<T: std::str::FromStr<Err = NotACode>>(field: &'static str, text: &str) -> Result<T, Failure> {
    text.parse().map_err(|error: NotACode| {
        Failure::bad_input(
            field,
            error.to_string(),
            "give 1 to 40 letters, digits, dots, hyphens or underscores, such as AMB-01",
        )
    })
}

fn failure(error: &AdminError) -> Failure {
    match error {
        AdminError::BadInput { field, what, remedy } => Failure::bad_input(field, what.clone(), remedy.clone()),
        error => Failure::internal(error),
    }
}

fn internal(error: &DbError) -> Failure {
    Failure::internal(error)
}

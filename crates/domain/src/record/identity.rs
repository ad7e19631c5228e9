//! Who a patient is: kept apart from what was done to them, so that it can be shown less and erased.

use crate::entry::{Authorship, Body, Entries, Entry, StruckView};
use crate::id::RecordId;
use crate::register::{self, Dispute, Register};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

crate::coded! {
    /// One thing known about a person.
    IdentityFieldName {
        Name = "name",
        /// 16 digits, or 9999999999999999 when unknown (KMK 1423/2022).
        Nik = "nik",
        Address = "address",
        Phone = "phone",
        BirthDate = "birth_date",
        /// Person accompanying (pengantar pasien).
        Companion = "companion",
    }
}

/// The first entry of an identity.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Opened {
    pub patient: RecordId,
}

/// A field was learned. The value `refused` or `unknown` is a value.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct IdentityField {
    pub name: IdentityFieldName,
    pub value: String,
}

/// An identity as people see it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Identity {
    #[ts(as = "String")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: RecordId,
    #[ts(as = "String")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub patient: RecordId,
    pub opened: Authorship,
    pub fields: Vec<IdentityFieldView>,
    pub disputes: Vec<Dispute>,
    pub struck: Vec<StruckView>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IdentityFieldView {
    pub name: IdentityFieldName,
    pub value: Register<String>,
}

impl Identity {
    #[must_use]
    pub fn field(&self, name: IdentityFieldName) -> Option<&str> {
        self.fields.iter().find(|field| field.name == name).map(|field| field.value.value.as_str())
    }
}

/// `None` without an opening entry.
#[must_use]
pub fn project(id: RecordId, all: &[Entry]) -> Option<Identity> {
    let entries = Entries::of(all);
    let (opening, opened) = entries.live.iter().find_map(|entry| match &entry.body {
        Body::IdentityOpened(opened) => Some((*entry, opened)),
        _ => None,
    })?;
    let mut disputes = Vec::new();
    let mut fields = Vec::new();
    for name in IdentityFieldName::ALL {
        let value = register::read(&entries, name.code(), |entry| match &entry.body {
            Body::IdentityField(field) if field.name == *name => Some(field.value.clone()),
            _ => None,
        });
        register::collect(&mut disputes, name.code(), value.as_ref(), Clone::clone);
        if let Some(value) = value {
            fields.push(IdentityFieldView { name: *name, value });
        }
    }
    Some(Identity {
        id,
        patient: opened.patient,
        opened: opening.authorship(),
        fields,
        disputes,
        struck: entries.struck_views(),
    })
}

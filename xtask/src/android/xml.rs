//! The elements of an XML file as a flat list: enough to ask a manifest or a file of words.

use anyhow::{Context, Result};
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use std::collections::BTreeMap;
use std::path::Path;

/// One element with its attributes and the text directly in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Element {
    /// `manifest/application/service`.
    pub path: String,
    pub attributes: BTreeMap<String, String>,
    pub text: String,
}

impl Element {
    #[must_use]
    pub fn get(&self, attribute: &str) -> &str {
        self.attributes.get(attribute).map_or("", String::as_str)
    }

    #[must_use]
    pub fn name(&self) -> &str {
        self.get("android:name")
    }
}

/// In the order in which they begin.
pub fn elements(file: &Path) -> Result<Vec<Element>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("could not read {}", file.display()))?;
    read(&text).with_context(|| format!("{} is not XML", file.display()))
}

fn read(text: &str) -> Result<Vec<Element>> {
    let mut reader = Reader::from_str(text);
    let mut found: Vec<Element> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    loop {
        match reader.read_event()? {
            Event::Start(start) => {
                let element = begun(&start, &found, &open)?;
                open.push(found.len());
                found.push(element);
            }
            Event::Empty(start) => {
                let element = begun(&start, &found, &open)?;
                found.push(element);
            }
            Event::End(_) => {
                open.pop();
            }
            Event::Text(text) => {
                if let Some(element) = open.last().and_then(|at| found.get_mut(*at)) {
                    element.text.push_str(&text.xml10_content());
                }
            }
            Event::GeneralRef(entity) => {
                let said = match &*entity.xml10_content() {
                    "amp" => "&",
                    "lt" => "<",
                    "gt" => ">",
                    other => anyhow::bail!("the entity {other} is not known here"),
                };
                if let Some(element) = open.last().and_then(|at| found.get_mut(*at)) {
                    element.text.push_str(said);
                }
            }
            Event::Eof => return Ok(found),
            _ => {}
        }
    }
}

fn begun(start: &BytesStart<'_>, found: &[Element], open: &[usize]) -> Result<Element> {
    let above = open.last().and_then(|at| found.get(*at)).map(|element| format!("{}/", element.path));
    let mut attributes = BTreeMap::new();
    for attribute in start.attributes() {
        let attribute = attribute?;
        let value = attribute.normalized_value(XmlVersion::Implicit1_0)?.into_owned();
        attributes.insert(attribute.key.0.to_owned(), value);
    }
    Ok(Element { path: format!("{}{}", above.unwrap_or_default(), start.name().0), attributes, text: String::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_know_where_they_stand_and_what_they_say() {
        let found = read(r#"<a x="1"><b/><c y="&lt;">kabar &amp; kabur</c></a>"#).expect("is XML");

        let paths: Vec<&str> = found.iter().map(|element| element.path.as_str()).collect();
        assert_eq!(paths, ["a", "a/b", "a/c"]);
        assert_eq!((found[0].get("x"), found[2].get("y"), found[2].text.as_str()), ("1", "<", "kabar & kabur"));
    }
}

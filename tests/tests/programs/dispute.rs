//! Two people, one patient, no signal.

use crate::programs::ask::{SOON, agree, disputed_fields, list, text};
use serde_json::{Value, json};
use siaga_testkit::program::phone::Phone;
use siaga_testkit::program::stage::Stage;

/// A patient both phones know, edited on both without coverage, then both in coverage again.
async fn two_who_disagree(stage: &Stage) -> anyhow::Result<(Phone, Phone, String, String)> {
    let ani = stage.medic("Ani").await?;
    let budi = stage.medic("Budi").await?;
    let (incident, _) = stage.medical_call().await?;
    ani.sync_until_quiet(SOON).await?;
    let patient = ani.makes(&["patient", "add", "--incident", &incident, "--sex", "P", "--age", "32"]).await?;
    ani.sync_until_quiet(SOON).await?;
    budi.sync_until_quiet(SOON).await?;

    ani.link().cut();
    budi.link().cut();
    ani.done(&["triage", &patient, "red"]).await?;
    ani.done(&["vitals", &patient, "--hr", "124", "--spo2", "91"]).await?;
    budi.done(&["triage", &patient, "yellow"]).await?;
    budi.done(&["vitals", &patient, "--hr", "118", "--sbp", "refused"]).await?;
    budi.done(&["treat", &patient, "--what", "oksigen", "--dose", "3 L/menit"]).await?;
    ani.link().restore();
    budi.link().restore();
    ani.sync_until_quiet(SOON).await?;
    budi.sync_until_quiet(SOON).await?;
    ani.sync_until_quiet(SOON).await?;
    Ok((ani, budi, incident, patient))
}

#[tokio::test(flavor = "multi_thread")]
async fn two_phones_that_edit_one_patient_offline_keep_every_entry_and_show_where_they_disagree() -> anyhow::Result<()>
{
    let stage = Stage::set(7).await?;

    let (ani, budi, incident, patient) = two_who_disagree(&stage).await?;

    for phone in [&ani, &budi] {
        let here = phone.done(&["get", &patient]).await?;
        assert_eq!(list(&here, "/record/vitals").count(), 2, "{}", phone.name);
        assert_eq!(list(&here, "/record/treatments").count(), 1, "{}", phone.name);
        assert_eq!(disputed_fields(phone, &patient).await?, ["triage"], "{}", phone.name);
        assert!(agree(&stage.center, phone).await?, "{}", phone.name);
    }
    let detail = stage.center.get(&format!("/api/incidents/{incident}")).await?;
    let at_center: Vec<&Value> = list(&detail, "/disputes").collect();
    assert_eq!(at_center.len(), 1, "{detail}");
    assert_eq!(text(at_center[0], "/record")?, patient);
    let mut values: Vec<String> =
        list(at_center[0], "/dispute/choices").map(|choice| text(choice, "/value")).collect::<Result<_, _>>()?;
    values.sort();
    assert_eq!(values, ["red", "yellow"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn both_phones_and_the_center_display_the_same_winner() -> anyhow::Result<()> {
    let stage = Stage::set(11).await?;

    let (ani, budi, _, patient) = two_who_disagree(&stage).await?;

    let here = text(&ani.done(&["get", &patient]).await?, "/record/triage/value")?;
    let there = text(&budi.done(&["get", &patient]).await?, "/record/triage/value")?;
    let center = text(&stage.center.get(&format!("/api/records/{patient}")).await?, "/record/triage/value")?;
    assert_eq!((here.as_str(), there.as_str()), (center.as_str(), center.as_str()));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_choice_made_on_a_phone_ends_the_dispute_everywhere() -> anyhow::Result<()> {
    let stage = Stage::set(7).await?;
    let (ani, budi, incident, patient) = two_who_disagree(&stage).await?;

    budi.done(&["resolve", &patient, "triage", "red"]).await?;
    budi.sync_until_quiet(SOON).await?;
    ani.sync_until_quiet(SOON).await?;

    for phone in [&ani, &budi] {
        assert_eq!(disputed_fields(phone, &patient).await?, [""; 0], "{}", phone.name);
        assert_eq!(text(&phone.done(&["get", &patient]).await?, "/record/triage/value")?, "red");
    }
    let detail = stage.center.get(&format!("/api/incidents/{incident}")).await?;
    assert_eq!(list(&detail, "/disputes").count(), 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_choice_made_at_the_center_ends_the_dispute_on_the_phones() -> anyhow::Result<()> {
    let stage = Stage::set(7).await?;
    let (ani, budi, incident, patient) = two_who_disagree(&stage).await?;
    let detail = stage.center.get(&format!("/api/incidents/{incident}")).await?;
    let choices = list(&detail, "/disputes").flat_map(|view| list(view, "/dispute/choices"));
    let yellow = choices
        .filter(|choice| choice.get("value") == Some(&Value::from("yellow")))
        .map(|choice| text(choice, "/author/entry"));
    let yellow = yellow.collect::<Result<Vec<_>, _>>()?.pop().expect("yellow is a choice");

    let body = json!({ "record": patient, "field": "triage", "choice": yellow });
    stage.center.post(&format!("/api/incidents/{incident}/resolve"), &body).await?;
    ani.sync_until_quiet(SOON).await?;
    budi.sync_until_quiet(SOON).await?;

    for phone in [&ani, &budi] {
        assert_eq!(disputed_fields(phone, &patient).await?, [""; 0], "{}", phone.name);
        assert_eq!(text(&phone.done(&["get", &patient]).await?, "/record/triage/value")?, "yellow");
        assert!(agree(&stage.center, phone).await?, "{}", phone.name);
    }
    Ok(())
}

//! Numbers are what somebody saw, never a counter.

use crate::programs::ask::{SOON, list, text};
use serde_json::Value;
use siaga_testkit::program::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn a_revised_number_replaces_the_estimate_and_is_not_added_to_it() -> anyhow::Result<()> {
    let stage = Stage::set(7).await?;
    let budi = stage.volunteer("Budi").await?;
    let incident = stage.center.call("BANJIR", "61.04.14.2015", "air naik").await?;
    let unit = stage.unit("team", 0).await?.unit;
    stage.center.assign(&incident, &unit, "").await?;
    budi.sync_until_quiet(SOON).await?;

    budi.link().cut();
    let village = ["assess", "--incident", &incident, "--village", "61.04.14.2015"];
    let assessment = budi.makes(&[&village[..], &["--displaced-kk", "40", "--displaced", "150"]].concat()).await?;
    budi.done(&[&village[..], &["--displaced-kk", "52", "--displaced", "197", "--verified"]].concat()).await?;
    budi.link().restore();
    budi.sync_until_quiet(SOON).await?;

    let record = stage.center.get(&format!("/api/records/{assessment}")).await?;
    let number = |metric: &str| {
        list(&record, "/record/numbers").find(|seen| seen.get("metric") == Some(&Value::from(metric))).cloned()
    };
    for (metric, value) in [("displaced_kk", 52), ("displaced", 197)] {
        let seen = number(metric).expect("the number is there");
        assert_eq!(seen.pointer("/count/value").and_then(Value::as_i64), Some(value), "{metric}");
        assert_eq!(text(&seen, "/quality")?, "verified", "{metric}");
        assert_eq!(list(&seen, "/count/disputed_by").count(), 0, "{metric}");
    }
    let detail = stage.center.get(&format!("/api/incidents/{incident}")).await?;
    assert_eq!(list(&detail, "/assessments").count(), 1);
    Ok(())
}

//! What an exchange costs on the wire, counted by the link to the last byte: greetings, heads and farewells included.

use siaga_testkit::world::World;

/// Promised upwards for a phone that comes back and has nothing to say, on a connection of its own.
const COLD_IDLE_UP_BYTES: u64 = 750;
/// The least a certificate and its signature weigh.
const CERTIFICATE_BYTES: u64 = 400;

#[test]
fn a_phone_that_comes_back_takes_up_its_tls_session_and_is_sent_no_certificate() {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);

    let [full, resumed] = ani.cold_idle();

    println!("greeted in full: {full:?}; resumed: {resumed:?}");
    assert!(resumed.down_bytes + CERTIFICATE_BYTES < full.down_bytes, "{full:?} {resumed:?}");
}

#[test]
fn a_phone_that_comes_back_with_nothing_to_say_sends_less_than_750_bytes() {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);

    let [_, resumed] = ani.cold_idle();

    assert!(resumed.up_bytes < COLD_IDLE_UP_BYTES, "{resumed:?}");
}

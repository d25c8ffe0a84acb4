//! Sanctions whose time is over.

use crate::settings::settings;
use crate::world::World;
use causette_core::input::Input;
use causette_core::limits::SANCTIONS_ENDED;
use causette_core::order::Order;
use causette_core::record::Fact;
use causette_core::sanction::SanctionKind;

/// The numbers of those that a tick ends.
fn ended(world: &mut World) -> Vec<u64> {
    world.log = Some(Vec::new());
    world.pass(1_000_000);
    world.input(Input::Tick);
    world.settle();
    let log = world.log.take().unwrap();
    let lifted = log.iter().filter_map(|record| match &record.fact {
        Fact::SanctionLifted { sanction, .. } => Some(sanction.0),
        _ => None,
    });
    lifted.collect()
}

/// However many end at a time, the others wait no longer for it.
#[test]
fn so_many_end_in_one_second_the_soonest_first() {
    let mut world = World::new(settings());
    let number = SANCTIONS_ENDED + 20;
    for place in 0..number {
        world.obey(Order::Sanction {
            kind: SanctionKind::Ban,
            whom: format!("10.0.{place}.0/24").into(),
            room: None,
            // The last one ends first.
            seconds: Some(60 + (number - place) as u64),
            reason: "noise".into(),
        });
    }
    assert!(ended(&mut world).is_empty());
    world.pass(3_600_000_000);
    let first = ended(&mut world);
    let soonest = (1..=number as u64).rev();
    let expected: Vec<u64> = soonest.clone().take(SANCTIONS_ENDED).collect();
    assert_eq!(first, expected);
    let rest: Vec<u64> = soonest.skip(SANCTIONS_ENDED).collect();
    assert_eq!(ended(&mut world), rest);
    assert!(ended(&mut world).is_empty());
}

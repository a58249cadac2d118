//! What this worker has to tell.

use super::{State, Talk, Worker};
use crate::load::figures::Figures;

impl Worker {
    /// Everything until now; times and what was measured of the load start anew.
    pub(super) fn tally(&mut self) -> Figures {
        let mut figures = self.progress();
        figures.named = std::mem::take(&mut self.figures.named);
        figures.times = std::mem::take(&mut self.figures.times);
        figures.last_back_ns = std::mem::take(&mut self.figures.last_back_ns);
        figures.least_pings =
            self.devices.iter().filter(|device| device.state == State::Live).map(|device| device.pings).min();
        for count in [
            &mut self.figures.doubled,
            &mut self.figures.out_of_order,
            &mut self.figures.missing,
            &mut self.figures.unanswered,
            &mut self.figures.unreadable,
            &mut self.figures.skipped,
            &mut self.figures.repeated,
            &mut self.figures.failed,
            &mut self.figures.opened,
            &mut self.figures.lost_connections,
            &mut self.figures.sent,
            &mut self.figures.pings,
            &mut self.figures.garbage_bytes,
            &mut self.figures.marks,
            &mut self.figures.frames,
        ] {
            *count = 0;
        }
        if let Some(load) = self.load.as_mut().filter(|load| load.settled) {
            for (name, times) in [
                ("acked", std::mem::take(&mut load.acks)),
                ("delivered", std::mem::take(&mut load.deliveries)),
                ("last", std::mem::take(&mut load.completions)),
            ] {
                if times.len() > 0 {
                    figures.times.insert(name.into(), times);
                }
            }
            figures.lasts = std::mem::take(&mut load.lasts);
            figures.heads = std::mem::take(&mut self.figures.heads);
            figures.lowest = std::mem::take(&mut self.figures.lowest);
        }
        figures
    }

    /// Counts only, for progress.
    pub(super) fn progress(&self) -> Figures {
        let mut figures = Figures {
            named: std::collections::BTreeMap::default(),
            times: std::collections::BTreeMap::default(),
            heads: std::collections::BTreeMap::default(),
            lowest: std::collections::BTreeMap::default(),
            ..self.figures.clone()
        };
        if let Some(load) = &self.load {
            figures.due = load.next;
            figures.acked = load.acked;
            figures.refused = load.refused;
            figures.counted = load.counted();
            figures.counted_acked = load.counted_acked;
            figures.delivered = load.delivered;
            figures.counted_delivered = load.counted_delivered;
        }
        figures
    }

    /// Looks for what was acknowledged and is not everywhere.
    pub(super) fn settle_load(&mut self) {
        let Some(load) = &mut self.load else { return };
        load.settled = true;
        self.figures.unanswered += load.total - load.acked - load.refused;
        if !load.spec.spread {
            self.figures.missing += self.lacking();
            return;
        }
        for (place, talk) in (0..).zip(&self.talks) {
            let here = talk.devices.iter().map(|at| &self.devices[*at as usize]);
            let lowest = here.filter(|d| d.state != State::Gone).filter_map(|d| d.positions.of(place)).min();
            self.figures.heads.insert(talk.id, talk.acked);
            self.figures.lowest.extend(lowest.map(|lowest| (talk.id, lowest)));
        }
    }

    /// Acknowledged messages that live devices of this worker lack. Who is not back is told apart: nothing is lost to them
    /// yet.
    pub(super) fn lacking(&self) -> u64 {
        let of = |(place, talk): (u32, &Talk)| {
            let here = talk.devices.iter().map(|at| &self.devices[*at as usize]);
            let has = here.filter(|d| d.state == State::Live).filter_map(|d| d.positions.of(place));
            has.map(|has| u64::try_from(talk.acked - has).unwrap_or(0)).sum::<u64>()
        };
        (0..).zip(&self.talks).map(of).sum()
    }
}

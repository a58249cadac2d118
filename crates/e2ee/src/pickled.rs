//! `#[serde(with = ..)]` for vodozemac's objects, which serialise through their pickles only.

macro_rules! pickled {
    ($name:ident, $object:ty, $pickle:ty) => {
        pub(crate) mod $name {
            use serde::{Deserialize, Deserializer, Serialize, Serializer};

            pub(crate) fn serialize<S: Serializer>(object: &$object, serializer: S) -> Result<S::Ok, S::Error> {
                object.pickle().serialize(serializer)
            }

            pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<$object, D::Error> {
                <$pickle>::deserialize(deserializer).map(<$object>::from_pickle)
            }
        }
    };
}

pickled!(account, vodozemac::olm::Account, vodozemac::olm::AccountPickle);
pickled!(session, vodozemac::olm::Session, vodozemac::olm::SessionPickle);
pickled!(outbound, vodozemac::megolm::GroupSession, vodozemac::megolm::GroupSessionPickle);
pickled!(inbound, vodozemac::megolm::InboundGroupSession, vodozemac::megolm::InboundGroupSessionPickle);

//! Which nodes want to hear of what: `conv:{id}:nodes`, `watch:{user}:nodes`, `device:{id}:session`.

use sotto_protocol::{ConversationId, DeviceId, NodeId, UserId};

use crate::{Bus, BusResult};

/// What a wake is about, and so who wants to hear it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Nodes that hold members of the conversation.
    Conversation(ConversationId),
    /// The node that holds the device.
    Device(DeviceId),
    /// Nodes with somebody who watches the person.
    Presence(UserId),
    /// This node.
    Node(NodeId),
}

impl Bus {
    /// Enters this node's interest. Call it before the catch-up read, so that a message is found by that read or
    /// routed here, never neither.
    ///
    /// # Errors
    /// [`crate::BusError`].
    pub async fn enter(&self, node_id: NodeId, topics: &[Topic]) -> BusResult<()> {
        self.change("SADD", node_id, topics).await
    }

    /// Ends this node's interest.
    ///
    /// # Errors
    /// [`crate::BusError`].
    pub async fn leave(&self, node_id: NodeId, topics: &[Topic]) -> BusResult<()> {
        self.change("SREM", node_id, topics).await
    }

    async fn change(&self, verb: &str, node_id: NodeId, topics: &[Topic]) -> BusResult<()> {
        for page in topics.chunks(500) {
            let mut pipeline = redis::pipe();
            for key in page.iter().filter_map(set_key) {
                pipeline.cmd(verb).arg(key).arg(node_id.to_string()).ignore();
            }
            self.pipe::<()>(&pipeline).await?;
        }
        Ok(())
    }

    /// The nodes interested in each topic, in the order asked.
    ///
    /// # Errors
    /// [`crate::BusError`].
    pub async fn interested(&self, topics: &[Topic]) -> BusResult<Vec<Vec<NodeId>>> {
        let mut pipeline = redis::pipe();
        look(&mut pipeline, topics);
        let answers: Vec<Vec<String>> = self.pipe(&pipeline).await?;
        Ok(found(topics, &answers).map(|(_, nodes)| nodes).collect())
    }
}

/// Asks who wants to hear of each topic, in the order asked.
pub(crate) fn look(pipeline: &mut redis::Pipeline, topics: &[Topic]) {
    for topic in topics {
        match topic {
            Topic::Device(device_id) => pipeline.cmd("HVALS").arg(device_key(*device_id)),
            topic => pipeline.cmd("SMEMBERS").arg(set_key(topic).unwrap_or_default()),
        };
    }
}

/// What [`look`] found.
pub(crate) fn found<'a>(
    topics: &'a [Topic],
    answers: &'a [Vec<String>],
) -> impl Iterator<Item = (Topic, Vec<NodeId>)> + 'a {
    topics.iter().zip(answers).map(|(topic, answer)| (*topic, nodes(topic, answer)))
}

fn nodes(topic: &Topic, answer: &[String]) -> Vec<NodeId> {
    match topic {
        Topic::Node(node_id) => vec![*node_id],
        // `node epoch session`: the node is the first word.
        _ => answer.iter().filter_map(|entry| entry.split(' ').next()?.parse().ok()).collect(),
    }
}

fn set_key(topic: &Topic) -> Option<String> {
    match topic {
        Topic::Conversation(id) => Some(format!("conv:{id}:nodes")),
        Topic::Presence(id) => Some(format!("watch:{id}:nodes")),
        Topic::Device(_) | Topic::Node(_) => None,
    }
}

pub(crate) fn device_key(device_id: DeviceId) -> String {
    format!("device:{device_id}:session")
}

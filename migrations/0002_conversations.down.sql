DROP TABLE push_outbox, wake_outbox, envelope_sends, inbox_items, inboxes, events, marks, device_starts, members,
    conversations;

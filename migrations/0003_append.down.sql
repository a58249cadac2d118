DROP FUNCTION append_envelopes, append_messages, push_envelopes;

-- Conversations: what was said and what it was about, by handle, for one person of one tenant, until they expire.
CREATE TABLE conversations (
  tenant_id   uuid NOT NULL REFERENCES tenants (id),
  id          uuid NOT NULL DEFAULT gen_random_uuid(),
  subject     text NOT NULL CONSTRAINT conversations_subject_given CHECK (subject <> ''),
  turns       integer NOT NULL DEFAULT 0 CONSTRAINT conversations_turns_positive CHECK (turns >= 0),
  slots       jsonb NOT NULL DEFAULT '[]' CONSTRAINT conversations_slots_array CHECK (jsonb_typeof(slots) = 'array'),
  started_at  timestamptz NOT NULL DEFAULT now(),
  last_at     timestamptz NOT NULL DEFAULT now(),
  expires_at  timestamptz NOT NULL,
  CONSTRAINT conversations_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT conversations_expire_later CHECK (expires_at > started_at)
);
COMMENT ON COLUMN conversations.slots IS 'What the conversation is about: kind, value, words, source, turn and time of each slot.';
CREATE INDEX conversations_expiry_idx ON conversations (expires_at);
CREATE INDEX conversations_subject_idx ON conversations (tenant_id, subject, last_at DESC);

CREATE TABLE conversation_turns (
  tenant_id        uuid NOT NULL,
  conversation_id  uuid NOT NULL,
  turn_no          integer NOT NULL CONSTRAINT conversation_turns_number_positive CHECK (turn_no >= 1),
  at               timestamptz NOT NULL DEFAULT clock_timestamp(),
  text             text NOT NULL CONSTRAINT conversation_turns_text_length CHECK (length(text) <= 4000),
  intent           text NOT NULL,
  action           text NOT NULL CONSTRAINT conversation_turns_action_known CHECK (action IN ('act', 'ask', 'refuse')),
  entities         jsonb NOT NULL CONSTRAINT conversation_turns_entities_object CHECK (jsonb_typeof(entities) = 'object'),
  inherited        jsonb NOT NULL CONSTRAINT conversation_turns_inherited_array CHECK (jsonb_typeof(inherited) = 'array'),
  CONSTRAINT conversation_turns_pkey PRIMARY KEY (tenant_id, conversation_id, turn_no),
  CONSTRAINT conversation_turns_conversation_fkey FOREIGN KEY (tenant_id, conversation_id)
    REFERENCES conversations (tenant_id, id) ON DELETE CASCADE
);

CALL secure_tenant_table('conversations', 'SELECT, INSERT, UPDATE, DELETE', 'SELECT, DELETE');
CALL secure_tenant_table('conversation_turns', 'SELECT, INSERT', 'SELECT, DELETE');

-- Readings so late that the stream cannot know whether they had been there before are named apart.
ALTER TABLE late_day ADD COLUMN lane_s bigint[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN late_day.lane_s IS
  'Starts of intervals that came beyond the bitmap''s reach: late where a gap covers them, else perhaps sent twice.';

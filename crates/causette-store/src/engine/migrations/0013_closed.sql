-- Whether anything of the room is from a time at which not everyone could enter: only then need its classes of such be sought.
ALTER TABLE room ADD COLUMN was_closed {int} NOT NULL DEFAULT 0;
UPDATE room SET was_closed = 1
WHERE EXISTS (SELECT 1 FROM message m WHERE m.room = room.id AND m.class IN (5, 6))
    OR EXISTS (SELECT 1 FROM shared_place p WHERE p.room = room.id AND p.class = 6);

-- When a file was shown in a room, where not everyone could enter that then, by the clock that never goes back.
ALTER TABLE file ADD COLUMN closed {int};

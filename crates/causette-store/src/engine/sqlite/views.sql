-- What was said, a row for each time. place says from where: the address and port of each connection, and by the number 0, which none has, the
-- name of the server and its port. What an import entered came by the connections that its lines tell of, or by none; those have no port here,
-- and port_local 0. In words that SQLite has known as long as STRICT, 3.37: with another in a view an older one reads no table.
CREATE VIEW IF NOT EXISTS connexion AS
WITH place AS MATERIALIZED (
    SELECT CAST(json_extract(opened.meta, '$.session') AS INTEGER) AS session, json_extract(opened.meta, '$.ip') AS ip,
        CAST(json_extract(opened.meta, '$.port') AS TEXT) AS port
    FROM register_entry entry CROSS JOIN register_payload opened ON opened.seq = entry.seq
    WHERE entry.type = 'session.ouverture' AND opened.meta IS NOT NULL
    UNION ALL
    SELECT 0,
        (SELECT json_extract(started.meta, '$.nom')
            FROM register_entry entry CROSS JOIN register_payload started ON started.seq = entry.seq
            WHERE entry.type = 'serveur.demarrage' ORDER BY entry.seq DESC LIMIT 1),
        (SELECT CAST(json_extract(opened.meta, '$.port_local') AS TEXT)
            FROM register_entry entry CROSS JOIN register_payload opened ON opened.seq = entry.seq
            WHERE entry.type = 'session.ouverture' AND opened.meta NOT LIKE '%"port_local":0,%' ORDER BY entry.seq DESC LIMIT 1)
)
SELECT
    strftime('%d/%m/%Y %H:%M:%S', COALESCE(message.time, entry.time) / 1000000, 'unixepoch', 'localtime') AS date_time,
    CASE WHEN message.author = 0 AND instr(message.source, '*import!') = 1 THEN '*import'
        WHEN COALESCE(message.author, 0) IN (0, 9223372036854775806) AND instr(COALESCE(message.source, ''), '!import@') = 0 THEN 'serveur'
        ELSE 'client_' || COALESCE(message.account, substr(message.source, 1, instr(message.source || '!', '!') - 1)) END AS type,
    CASE WHEN message.author IN (0, 9223372036854775806) AND instr(message.tags, '+causette/imported=') = 0 THEN substr(message.source, instr(message.source, '@') + 1)
        ELSE COALESCE(place.ip, '') END AS ip,
    COALESCE(NULLIF(place.port, '0'), '') AS port,
    replace(COALESCE(message.text, json_extract(payload.meta, '$.texte')), char(13), '') AS "donnée"
FROM register_payload payload
LEFT JOIN message ON message.room = payload.room AND message.seq = payload.message
LEFT JOIN register_entry entry ON entry.seq = CASE WHEN payload.message IS NULL THEN payload.seq END
LEFT JOIN place ON place.session = CASE
    WHEN COALESCE(message.author, 0) IN (0, 9223372036854775806) AND instr(COALESCE(message.tags, ''), '+causette/imported=') = 0 THEN 0
    -- Somebody else let it pass, by a connection of their own. The system's user has none: where they import, it is the author's.
    WHEN instr(payload.meta, '"auteur":') > 0 AND instr(payload.meta, '"acteur":"system:') = 0 THEN NULL
    ELSE CAST(json_extract(payload.meta, '$.session') AS INTEGER) END
WHERE payload.erased IS NULL
    AND (message.class IN (1, 2, 5) OR entry.type IN ('alerte.emise', 'administration.alerte', 'administration.annonce'));

-- The accounts that there are, with their passwords as they are kept, and the address from which each signed up.
CREATE VIEW IF NOT EXISTS authentification AS
WITH place AS MATERIALIZED (
    SELECT CAST(json_extract(opened.meta, '$.session') AS INTEGER) AS session, json_extract(opened.meta, '$.ip') AS ip
    FROM register_entry entry CROSS JOIN register_payload opened ON opened.seq = entry.seq
    WHERE entry.type = 'session.ouverture' AND opened.meta IS NOT NULL
), creation AS MATERIALIZED (
    SELECT CAST(substr(json_extract(made.meta, '$.cible'), 9) AS INTEGER) AS account, CAST(json_extract(made.meta, '$.session') AS INTEGER) AS session
    FROM register_entry entry CROSS JOIN register_payload made ON made.seq = entry.seq
    WHERE entry.type = 'compte.creation' AND made.meta IS NOT NULL
)
SELECT account.name AS id, account.verifier AS mdp, COALESCE(place.ip, setting.value, '') AS ip
FROM account
LEFT JOIN creation ON creation.account = account.id
LEFT JOIN place ON place.session = creation.session
LEFT JOIN account_setting setting ON setting.account = account.id AND setting.name = 'login-address'
WHERE account.dropped IS NULL;

-- What was said, a row for each time. place says from where: the address and port of each connection, and by the number 0, which none has, the
-- port of the server. What an import entered came by the connections that its lines tell of, or by none; those have port_local 0.
CREATE VIEW connexion AS
SELECT
    to_char(to_timestamp(message.time / 1000000), 'DD/MM/YYYY HH24:MI:SS') AS date_time,
    CASE WHEN message.author = 0 AND message.source LIKE '*import!%' THEN '*import'
        WHEN message.author IN (0, 9223372036854775806) AND strpos(message.source, '!import@') = 0 THEN 'serveur'
        ELSE 'client_' || COALESCE(message.account, split_part(message.source, '!', 1)) END AS type,
    CASE WHEN message.author IN (0, 9223372036854775806) AND strpos(message.tags, '+causette/imported=') = 0 THEN split_part(message.source, '@', -1)
        ELSE COALESCE(place.ip, '') END AS ip,
    COALESCE(NULLIF(place.port, '0'), '') AS port,
    replace(message.text, chr(13), '') AS "donnée"
FROM message
JOIN register_payload payload ON payload.seq = message.entry
LEFT JOIN (
    -- Grouped, so that PostgreSQL knows that each number is there once, and keeps them in memory.
    SELECT session, min(ip) AS ip, min(port) AS port FROM (
        SELECT (opened.meta::json ->> 'session')::bigint AS session, opened.meta::json ->> 'ip' AS ip, opened.meta::json ->> 'port' AS port
        FROM register_entry entry JOIN register_payload opened ON opened.seq = entry.seq
        WHERE entry.type = 'session.ouverture' AND opened.meta IS NOT NULL
        UNION ALL
        SELECT 0, NULL,
            (SELECT opened.meta::json ->> 'port_local'
                FROM register_entry entry JOIN register_payload opened ON opened.seq = entry.seq
                WHERE entry.type = 'session.ouverture' AND opened.meta NOT LIKE '%"port_local":0,%' ORDER BY entry.seq DESC LIMIT 1)
    ) known GROUP BY session
) place ON place.session = CASE
    WHEN message.author IN (0, 9223372036854775806) AND strpos(message.tags, '+causette/imported=') = 0 THEN 0
    -- Somebody else let it pass, by a connection of their own. The system's user has none: where they import, it is the author's.
    WHEN strpos(payload.meta, '"auteur":') > 0 AND strpos(payload.meta, '"acteur":"system:') = 0 THEN NULL
    ELSE (payload.meta::json ->> 'session')::bigint END
WHERE message.class IN (1, 2, 5) AND payload.erased IS NULL
UNION ALL
SELECT
    to_char(to_timestamp(entry.time / 1000000), 'DD/MM/YYYY HH24:MI:SS'),
    'serveur',
    COALESCE((SELECT started.meta::json ->> 'nom'
        FROM register_entry entry JOIN register_payload started ON started.seq = entry.seq
        WHERE entry.type = 'serveur.demarrage' ORDER BY entry.seq DESC LIMIT 1), ''),
    COALESCE((SELECT opened.meta::json ->> 'port_local'
        FROM register_entry entry JOIN register_payload opened ON opened.seq = entry.seq
        WHERE entry.type = 'session.ouverture' AND opened.meta NOT LIKE '%"port_local":0,%' ORDER BY entry.seq DESC LIMIT 1), ''),
    payload.meta::json ->> 'texte'
FROM register_entry entry
JOIN register_payload payload ON payload.seq = entry.seq
WHERE entry.type IN ('alerte.emise', 'administration.alerte', 'administration.annonce') AND payload.erased IS NULL;

-- The accounts that there are, with their passwords as they are kept, and the address from which each signed up.
CREATE VIEW authentification AS
WITH place AS MATERIALIZED (
    SELECT (opened.meta::json ->> 'session')::bigint AS session, opened.meta::json ->> 'ip' AS ip
    FROM register_entry entry JOIN register_payload opened ON opened.seq = entry.seq
    WHERE entry.type = 'session.ouverture' AND opened.meta IS NOT NULL
), creation AS MATERIALIZED (
    SELECT split_part(made.meta::json ->> 'cible', ':', 2)::bigint AS account, (made.meta::json ->> 'session')::bigint AS session
    FROM register_entry entry JOIN register_payload made ON made.seq = entry.seq
    WHERE entry.type = 'compte.creation' AND made.meta IS NOT NULL
)
SELECT account.name AS id, account.verifier AS mdp, COALESCE(place.ip, setting.value, '') AS ip
FROM account
LEFT JOIN creation ON creation.account = account.id
LEFT JOIN place ON place.session = creation.session
LEFT JOIN account_setting setting ON setting.account = account.id AND setting.name = 'login-address'
WHERE account.dropped IS NULL;

-- What was said, a row for each time. place says from where: the address and port of each connection, and by the number 0, which none has, the
-- name of the server and its port. What an import entered came by the connections that its lines tell of, or by none; those have port_local 0.
-- A union is not merged into what asks it, and a number has a key there: it is made once, and sought by that.
-- Columns have one character set, whatever that of who asks, and one collation, whatever they are made of: else a comparison with a text of another
-- would be refused. Who searches finds capitals too.
CREATE OR REPLACE VIEW connexion AS
WITH place AS (
    SELECT CAST(JSON_VALUE(opened.meta, '$.session') AS SIGNED) AS session,
        CAST(JSON_VALUE(opened.meta, '$.ip') AS CHAR(64) CHARACTER SET utf8mb4) AS ip,
        CAST(JSON_VALUE(opened.meta, '$.port') AS CHAR(8) CHARACTER SET utf8mb4) AS port
    FROM register_entry entry STRAIGHT_JOIN register_payload opened ON opened.seq = entry.seq
    WHERE entry.type = 'session.ouverture' AND opened.meta IS NOT NULL
    UNION ALL
    SELECT 0,
        (SELECT CAST(JSON_VALUE(started.meta, '$.nom') AS CHAR(64) CHARACTER SET utf8mb4)
            FROM register_entry entry STRAIGHT_JOIN register_payload started ON started.seq = entry.seq
            WHERE entry.type = 'serveur.demarrage' ORDER BY entry.seq DESC LIMIT 1),
        (SELECT CAST(JSON_VALUE(opened.meta, '$.port_local') AS CHAR(8) CHARACTER SET utf8mb4)
            FROM register_entry entry STRAIGHT_JOIN register_payload opened ON opened.seq = entry.seq
            WHERE entry.type = 'session.ouverture' AND opened.meta NOT LIKE '%"port_local":0,%' ORDER BY entry.seq DESC LIMIT 1)
)
SELECT
    CONVERT(FROM_UNIXTIME(COALESCE(message.time, entry.time) DIV 1000000, '%d/%m/%Y %H:%i:%s') USING utf8mb4) COLLATE utf8mb4_unicode_ci AS date_time,
    CASE WHEN message.author = 0 AND message.source LIKE '*import!%' THEN '*import'
        WHEN COALESCE(message.author, 0) IN (0, 9223372036854775806) AND COALESCE(message.source, '') NOT LIKE '%!import@%' THEN 'serveur'
        ELSE CONCAT('client_', COALESCE(message.account, SUBSTRING_INDEX(message.source, '!', 1))) END COLLATE utf8mb4_unicode_ci AS type,
    CASE WHEN message.author IN (0, 9223372036854775806) AND message.tags NOT LIKE '%+causette/imported=%' THEN SUBSTRING_INDEX(message.source, '@', -1)
        ELSE COALESCE(place.ip, '') END COLLATE utf8mb4_unicode_ci AS ip,
    COALESCE(NULLIF(place.port, '0'), '') COLLATE utf8mb4_unicode_ci AS port,
    REPLACE(COALESCE(message.text, JSON_VALUE(payload.meta, '$.texte')), '\r', '') COLLATE utf8mb4_unicode_ci AS `donnée`
FROM register_payload payload
LEFT JOIN message ON message.room = payload.room AND message.seq = payload.message
LEFT JOIN register_entry entry ON entry.seq = CASE WHEN payload.message IS NULL THEN payload.seq END
LEFT JOIN place ON place.session = CASE
    WHEN COALESCE(message.author, 0) IN (0, 9223372036854775806) AND COALESCE(message.tags, '') NOT LIKE '%+causette/imported=%' THEN 0
    -- Somebody else let it pass, by a connection of their own. The system's user has none: where they import, it is the author's.
    WHEN payload.meta LIKE '%"auteur":%' AND payload.meta NOT LIKE '%"acteur":"system:%' THEN NULL
    ELSE CAST(JSON_VALUE(payload.meta, '$.session') AS SIGNED) END
WHERE payload.erased IS NULL
    AND (message.class IN (1, 2, 5) OR entry.type IN ('alerte.emise', 'administration.alerte', 'administration.annonce'));

-- The accounts that there are, with their passwords as they are kept, and the address from which each signed up.
CREATE OR REPLACE VIEW authentification AS
WITH place AS (
    SELECT DISTINCT CAST(JSON_VALUE(opened.meta, '$.session') AS SIGNED) AS session,
        CAST(JSON_VALUE(opened.meta, '$.ip') AS CHAR(64) CHARACTER SET utf8mb4) AS ip
    FROM register_entry entry STRAIGHT_JOIN register_payload opened ON opened.seq = entry.seq
    WHERE entry.type = 'session.ouverture' AND opened.meta IS NOT NULL
), creation AS (
    SELECT DISTINCT CAST(SUBSTRING_INDEX(JSON_VALUE(made.meta, '$.cible'), ':', -1) AS SIGNED) AS account,
        CAST(JSON_VALUE(made.meta, '$.session') AS SIGNED) AS session
    FROM register_entry entry STRAIGHT_JOIN register_payload made ON made.seq = entry.seq
    WHERE entry.type = 'compte.creation' AND made.meta IS NOT NULL
)
SELECT account.name COLLATE utf8mb4_unicode_ci AS id, account.verifier AS mdp,
    COALESCE(place.ip, setting.value, '') COLLATE utf8mb4_unicode_ci AS ip
FROM account
LEFT JOIN creation ON creation.account = account.id
LEFT JOIN place ON place.session = creation.session
LEFT JOIN account_setting setting ON setting.account = account.id AND setting.name = 'login-address'
WHERE account.dropped IS NULL;

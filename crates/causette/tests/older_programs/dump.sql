-- phpMyAdmin SQL Dump
-- version 5.1.1
-- https://www.phpmyadmin.net/
--
-- Hôte : 127.0.0.1:3306
-- Généré le : dim. 18 sep. 2022 à 13:45
-- Version du serveur : 5.7.36

SET SQL_MODE = "NO_AUTO_VALUE_ON_ZERO";
START TRANSACTION;
SET time_zone = "+00:00";

/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET NAMES utf8mb4 */;

--
-- Base de données : `chat`
--

-- --------------------------------------------------------

--
-- Structure de la table `authentification`
--

DROP TABLE IF EXISTS `authentification`;
CREATE TABLE IF NOT EXISTS `authentification` (
  `id` blob NOT NULL,
  `mdp` blob NOT NULL,
  `ip` blob NOT NULL
) ENGINE=MyISAM DEFAULT CHARSET=utf8;

--
-- Déchargement des données de la table `authentification`
--

INSERT INTO `authentification` (`id`, `mdp`, `ip`) VALUES
(0x6d696d69, 0x6257567364575a6c4c574a735a58567a, 0x3132372e302e302e31),
(0x7a6f65, 0x643246305a5849675932467a64477868, 0x3139322e3136382e35362e3131);

-- --------------------------------------------------------

--
-- Structure de la table `connexion`
--

DROP TABLE IF EXISTS `connexion`;
CREATE TABLE IF NOT EXISTS `connexion` (
  `date_time` text NOT NULL,
  `type` text NOT NULL,
  `ip` blob NOT NULL,
  `port` blob NOT NULL,
  `donnée` blob NOT NULL
) ENGINE=MyISAM DEFAULT CHARSET=utf8;

--
-- Déchargement des données de la table `connexion`
--

INSERT INTO `connexion` (`date_time`, `type`, `ip`, `port`, `donnée`) VALUES
('10/11/2021 19:05:24', 'serveur', 'DESKTOP-X', '25', 'hey'),
('18/09/2022 13:39:20', 'client_mimi', '192.168.56.1', '64677', 'Q291Y291'),
('18/09/2022 13:39:31', 'serveur', 'DESKTOP-X', '25', 'w6dhIHZhID8='),
('18/09/2022 13:39:40', 'client_mimi', '192.168.56.1', '64677', 'b3Vp, l\'école'),
('18/09/2022 13:39:50', 'client_mimi', '192.168.56.1', '64677'),
('18/09/2022 13:40:02', 'client_zoe', '192.168.56.11', '64702', 0x596d3975616d393163673d3d),
('le 18 septembre', 'client_zoe', '192.168.56.11', '64702', 'bye');
COMMIT;

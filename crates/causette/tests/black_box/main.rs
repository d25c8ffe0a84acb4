//! The real program, from outside: started in a folder of its own, spoken to over loopback.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod admin_api;
mod arrival;
mod audit;
mod backup;
mod bouncer;
mod chat;
mod chat_elsewhere;
mod chat_first_run;
mod chat_long;
mod chat_lost;
mod chat_plain;
mod chat_screen;
mod chat_script;
mod chat_services;
mod chat_signals;
mod clients;
mod clock;
mod console;
mod crash;
mod devices;
mod door;
mod examples;
mod faults;
mod full;
mod house;
mod in_front;
mod irc_framework;
mod limnoria;
mod load;
mod log;
mod manager;
mod names;
mod other_process;
mod other_program;
mod programs;
mod proxy;
mod scram;
mod serve;
mod sign_ins;
mod support;
mod terminal;
mod the_lounge;
mod trust;

//! The real program, from outside: started in a folder of its own, spoken to over loopback.

mod serve;
mod support;

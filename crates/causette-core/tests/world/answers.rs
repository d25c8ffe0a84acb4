//! What the world answers to what the core asks: passwords are kept as they are, and proofs are the passwords.

use crate::world::{SCRAM, World};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use causette_core::file::PermitKey;
use causette_core::id::AccountId;
use causette_core::input::{Answer, Asker, Challenge, Input};
use causette_core::output::Ask;
use causette_core::secret::{Secret, Verifier, code_of, is_token, read_code};
use causette_proto::Timestamp;

impl World {
    pub(crate) fn answer(&mut self, asker: Asker, ask: Ask) {
        let answer = match ask {
            Ask::VerifyPassword { account, password } if is_token(password.expose()) => {
                let found = self.memory.tokens.get(password.expose());
                match found.filter(|(owner, _)| Some(*owner) == account) {
                    Some((account, token)) => Answer::Token {
                        account: *account,
                        token: *token,
                    },
                    None => Answer::Verified(false),
                }
            }
            Ask::FindToken { token } => match self.memory.tokens.get(token.expose()) {
                Some((account, token)) => Answer::Token {
                    account: *account,
                    token: *token,
                },
                None => Answer::Verified(false),
            },
            Ask::MakeToken => {
                // Here the token itself is kept of it.
                self.tokens += 1;
                let token = format!("causette_{:A>43}", self.tokens);
                Answer::Made {
                    token: Secret::new(token.clone()),
                    verifier: Verifier(token),
                }
            }
            Ask::MakeCode => {
                self.tokens += 1;
                let code = format!("{:0>16}", self.tokens);
                Answer::Made {
                    token: Secret::new(code.clone()),
                    verifier: Verifier(code),
                }
            }
            Ask::MakePermit => {
                self.tokens += 1;
                Answer::PermitKey(PermitKey([self.tokens as u8; 16]))
            }
            Ask::HashCode { code } => Answer::Hashed(Verifier(code.expose().to_owned())),
            Ask::VerifyPassword { account, password }
                if let Some((until, hash)) = self.code(account) =>
            {
                match read_code(password.expose()) {
                    Some(code) if code.expose() == hash.0 => Answer::Code { until, hash },
                    _ => Answer::Verified(false),
                }
            }
            Ask::VerifyPassword { account, password } => {
                let verifier = self.verifier(account).unwrap_or_default();
                let right = [password.enforced().ok(), Some(password)]
                    .iter()
                    .flatten()
                    .any(|password| verifier.lines().next() == Some(password.expose()));
                if right && self.core.settings().scram && !verifier.ends_with(SCRAM) {
                    Answer::VerifiedAnew(Verifier(format!("{verifier}{SCRAM}")))
                } else {
                    Answer::Verified(right)
                }
            }
            Ask::ScramBegin { .. } => Answer::Challenge(Challenge {
                nonce: "server".to_owned(),
                salt: "c2FsdA==".to_owned(),
                iterations: 4096,
            }),
            // Here the password itself is the proof; what is signed must be whole all the same.
            Ask::ScramFinish {
                account,
                message,
                proof,
            } => {
                assert_eq!(message.matches("r=client").count(), 3, "{message}");
                let verifier = self.verifier(account).unwrap_or_default();
                let right = verifier
                    .strip_suffix(SCRAM)
                    .map(|password| STANDARD.encode(password));
                if right.as_deref() == Some(proof.expose()) {
                    Answer::Proved("c2lnbmF0dXJl".to_owned())
                } else {
                    Answer::Verified(false)
                }
            }
            Ask::VerifyServerPassword { password } => {
                Answer::Verified(password.expose() == "open sesame")
            }
            Ask::VerifyOperator { name, password } => {
                Answer::Verified(name == "boss" && password.expose() == "operator's secret")
            }
            Ask::FindMessage { room, msgid } => Answer::Found(self.memory.find(room, &msgid)),
            Ask::HashPassword { password, .. } => {
                let scram = if self.core.settings().scram {
                    SCRAM
                } else {
                    ""
                };
                Answer::Hashed(Verifier(format!("{}{scram}", password.expose())))
            }
        };
        self.due.push_back(Input::Answer { asker, answer });
    }

    fn verifier(&self, account: Option<AccountId>) -> Option<String> {
        let verifier = self.memory.verifiers.get(&account?.0)?;
        Some(verifier.0.clone())
    }

    fn code(&self, account: Option<AccountId>) -> Option<(Timestamp, Verifier)> {
        code_of(self.memory.verifiers.get(&account?.0)?)
    }
}

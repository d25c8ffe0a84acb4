//! What came of an import: what was not as it should be, line by line, and how much there was of everything.

use super::old::Place;
use causette_text::{Language, text_with};
use serde_json::{Value, json};

/// Something that is not as it should be, and what was done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: String,
    /// The line or row of it, counted from 1; 0 where it is about the file itself.
    pub line: u64,
    /// The key of the sentence.
    key: &'static str,
    variables: Vec<(&'static str, String)>,
    /// Whether it is left out.
    pub(super) left_out: bool,
}

impl Problem {
    /// What is taken over all the same.
    pub(super) fn noted(place: &Place, key: &'static str) -> Self {
        Self {
            file: place.file.clone(),
            line: place.line,
            key,
            variables: Vec::new(),
            left_out: false,
        }
    }

    /// What is left out.
    pub(super) fn left_out(place: &Place, key: &'static str) -> Self {
        Self {
            left_out: true,
            ..Self::noted(place, key)
        }
    }

    #[must_use]
    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    /// The sentence, in a language.
    pub fn words(&self, language: Language) -> String {
        let variables: Vec<(&str, &str)> = self
            .variables
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        text_with(language, self.key, &variables)
    }

    /// The word by which programs know it.
    pub fn kind(&self) -> &'static str {
        self.key.strip_prefix("import-").unwrap_or(self.key)
    }
}

/// How much there was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Accounts that are made.
    pub accounts: u64,
    /// Accounts that were there from an earlier import.
    pub accounts_known: u64,
    /// Accounts that an earlier import has made and that are no more.
    pub accounts_gone: u64,
    /// Messages that become history.
    pub messages: u64,
    /// Messages that an earlier import has taken over.
    pub messages_known: u64,
    /// Files that people exchanged, and that are made.
    pub files: u64,
    /// Files that were there from an earlier import.
    pub files_known: u64,
    /// Files that an earlier import has made and that are no more.
    pub files_gone: u64,
}

/// A file that is made, or would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// What it is called here.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, in lower-case hexadecimal.
    pub sha256: String,
    /// When it was written last.
    pub time: String,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What was not as it should be, in the order in which it was found.
    pub problems: Vec<Problem>,
    /// How much there was.
    pub totals: Totals,
    /// The files that are made, the oldest first.
    pub files: Vec<Listed>,
    /// Whether it was only looked at.
    pub dry_run: bool,
}

impl Report {
    /// Whether everything was taken over before.
    pub fn is_nothing_new(&self) -> bool {
        self.totals.accounts == 0 && self.totals.messages == 0 && self.totals.files == 0
    }

    /// How many lines or rows are left out.
    pub fn left_out(&self) -> usize {
        let problems = self.problems.iter();
        problems.filter(|problem| problem.left_out).count()
    }

    fn counts(&self) -> [(&'static str, u64); 10] {
        let totals = &self.totals;
        [
            ("accounts", totals.accounts),
            ("accounts_known", totals.accounts_known),
            ("accounts_gone", totals.accounts_gone),
            ("messages", totals.messages),
            ("messages_known", totals.messages_known),
            ("files", totals.files),
            ("files_known", totals.files_known),
            ("files_gone", totals.files_gone),
            ("problems", self.problems.len() as u64),
            ("left_out", self.left_out() as u64),
        ]
    }

    /// Everything in sentences, a line for each problem.
    pub fn words(&self, language: Language) -> String {
        let mut lines: Vec<String> = self
            .problems
            .iter()
            .map(|problem| {
                let line = problem.line.to_string();
                let what = problem.words(language);
                let variables = [("file", &*problem.file), ("line", &line), ("what", &what)];
                let key = match problem.line {
                    0 => "import-problem-file",
                    _ => "import-problem",
                };
                text_with(language, key, &variables)
            })
            .collect();
        for file in self.files.iter().filter(|_| self.dry_run) {
            let bytes = file.bytes.to_string();
            let variables = [
                ("name", &*file.name),
                ("bytes", &bytes),
                ("time", &file.time),
            ];
            lines.push(text_with(language, "import-file", &variables));
        }
        let counts = self.counts().map(|(name, count)| (name, count.to_string()));
        let variables: Vec<(&str, &str)> = counts
            .iter()
            .map(|(name, count)| (*name, count.as_str()))
            .collect();
        let mut tell = |key| lines.push(text_with(language, key, &variables));
        tell(match (self.is_nothing_new(), self.dry_run) {
            (true, _) => "import-nothing-new",
            (false, true) => "import-would",
            (false, false) => "import-done",
        });
        if self.totals.files > 0 {
            tell(match self.dry_run {
                true => "import-files-would",
                false => "import-files-done",
            });
        }
        if self.totals.files_known > 0 {
            tell("import-files-known");
        }
        if self.totals.files_gone > 0 {
            tell("import-files-gone");
        }
        if self.totals.accounts_known + self.totals.messages_known > 0 {
            tell("import-known");
        }
        if self.totals.accounts_gone > 0 {
            tell("import-gone");
        }
        if self.left_out() > 0 {
            tell("import-left-out");
        }
        if self.dry_run {
            tell("import-dry-run");
        }
        lines.join("\n")
    }

    /// One object, for programs.
    pub fn json(&self, language: Language) -> Value {
        let problems: Vec<Value> = self
            .problems
            .iter()
            .map(|problem| {
                json!({
                    "file": problem.file,
                    "line": (problem.line > 0).then_some(problem.line),
                    "kind": problem.kind(),
                    "text": problem.words(language),
                    "left_out": problem.left_out,
                })
            })
            .collect();
        let mut object = serde_json::Map::new();
        object.insert("ok".into(), true.into());
        object.insert("dry_run".into(), self.dry_run.into());
        object.insert("nothing_new".into(), self.is_nothing_new().into());
        for (name, count) in self
            .counts()
            .into_iter()
            .filter(|(name, _)| *name != "problems")
        {
            object.insert(name.into(), count.into());
        }
        let listed = self.files.iter().map(|file| {
            json!({ "name": file.name, "bytes": file.bytes, "sha256": file.sha256, "time": file.time })
        });
        object.insert("listed".into(), listed.collect());
        object.insert("problems".into(), problems.into());
        object.into()
    }
}

//! People who may call, as values, so that each line of a test shows who is asking.

use std::sync::OnceLock;

use domain::{
    Language,
    auth::Role,
    ids::{SessionId, UserId},
    text::{Email, Nickname},
};
use shared::{
    Failure, random,
    store::{
        sessions::Session,
        users::{Password, User},
    },
    tokens::{access::Subject, password, refresh::RefreshToken},
};

use crate::TestApp;

/// The password of everyone whom the kit makes.
pub const PASSWORD: &str = "correct horse battery";

/// A person.
#[derive(Debug, Clone)]
pub struct TestUser {
    /// Their id.
    pub id: UserId,
    /// Their address.
    pub email: Email,
    /// Their nickname.
    pub nickname: Nickname,
    /// What they may be.
    pub roles: Vec<Role>,
    /// The device that they call from.
    pub session: SessionId,
    /// The epoch of their sessions.
    pub epoch: u32,
}

impl TestUser {
    fn subject(&self) -> Subject {
        Subject { user: self.id, roles: self.roles.clone(), session: self.session, epoch: self.epoch }
    }
}

impl TestApp {
    /// A person of this nickname, with the address `nickname@example.com` and [`PASSWORD`], made
    /// straight in the table.
    ///
    /// # Panics
    /// When the nickname is taken or is none.
    pub async fn user(&self, nickname: &str) -> TestUser {
        let person = self.person(nickname);
        let user = User::new(person.id, person.email.clone(), person.nickname.clone(), Language::English, self.now());
        let password = Password { user_id: user.id, hash: known_hash(), set_at: self.now() };
        let taken =
            || Failure::Broken(shared::Fault::new(shared::FaultKind::Corrupt, "the test's person is there already"));
        self.table()
            .transaction()
            .create_user(&user, &password, taken, taken)
            .commit()
            .await
            .expect("the person is made");
        person
    }

    /// The session of a person on the device that they call from, made straight in the table. Answers
    /// with its refresh token. [`TestApp::user`] makes none: their access tokens hold without.
    ///
    /// # Panics
    /// When there is no such person, or they have that session.
    pub async fn session_of(&self, user: &TestUser) -> RefreshToken {
        let stored = self.table().get_user(user.id).await.expect("the table answers").expect("the person is there");
        let (session, token) =
            Session::begin(&stored, user.session, "A test".to_owned(), self.now()).expect("a session is made");
        self.table().transaction().create(&session).commit().await.expect("the session is written");
        token
    }

    /// Another person, who has nothing to do with the test's things.
    pub async fn stranger(&self) -> TestUser {
        self.user(&format!("stranger{}", self.next_number())).await
    }

    /// A person whose account is gone: their tokens are good until they end, and nothing else is.
    #[must_use]
    pub fn deleted_user(&self) -> TestUser {
        self.person("gone")
    }

    /// An access token of this person, made now by the app's clock.
    ///
    /// # Panics
    /// Never, unless the system has no randomness.
    #[must_use]
    pub fn token_of(&self, user: &TestUser) -> String {
        self.signer().sign(&user.subject(), self.now()).expect("a token is signed")
    }

    fn person(&self, nickname: &str) -> TestUser {
        TestUser {
            id: UserId::new(self.now(), random::entropy().expect("there is randomness")),
            email: Email::parse(&format!("{nickname}@example.com")).expect("the nickname makes an address"),
            nickname: Nickname::parse(nickname).expect("the nickname is one"),
            roles: vec![Role::Customer],
            session: SessionId::new(self.now(), random::entropy().expect("there is randomness")),
            epoch: 0,
        }
    }
}

/// Hashed once per process: a hash for each person would be most of the time of the tests.
fn known_hash() -> String {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| password::hash(PASSWORD).expect("the password is hashed")).clone()
}

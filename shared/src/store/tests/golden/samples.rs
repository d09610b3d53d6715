//! One thing of each kind with every field filled. All fields are named, so that whoever adds one comes by here.

use domain::{
    Language, Timestamp,
    auth::{AccountState, CodePurpose, LoginProvider, Role},
    catalog::{CategoryOverride, ListingKind, ProductOption},
    ledger::Posting,
    media::{MediaPurpose, MediaState, PictureType, Refusal},
    orders::{HistoryEntry, OrderLine, OrderStatus},
    payments::PaymentProvider,
    processes::{self, Party, payment::PaymentState},
    stores::StoreRole,
    users::Location,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{Found, check, item};
use crate::store::{
    addresses::Address,
    audit::AuditRow,
    email_codes::EmailCode,
    holdings::{Held, HeldPieces},
    idempotency::IdempotencyRecord,
    listings::{Card, CardStore, Listing, Stock, Variant},
    logins::{KnownDevice, Login, LoginAttempt, LoginOwner, LoginPurpose},
    media::{Media, PictureSize},
    media_removals::MediaRemoval,
    orders::{OldPayment, StoredOrder},
    outbox::{Effect, EffectState, OutboxEvent},
    payments::{PaidPart, Payment, PaymentOwner},
    refunds::{Refund, RefundCause, RefundState},
    sessions::{Session, SpentToken},
    stores::{Membership, Store, StoreNameOwner},
    suppressions::{Reason, Suppression},
    totp::{Totp, TotpState},
    users::{EmailOwner, NicknameOwner, Password, User},
};

const AT: Timestamp = Timestamp::from_seconds(1_795_251_600);

/// A value by its JSON, for what is made by parsing.
fn of<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

/// An id of this kind.
fn id<T: DeserializeOwned>(prefix: &str) -> T {
    of(json!(format!("{prefix}_01jd7c3v1h8k2m4n6p8q0r2s4t")))
}

fn won<T: DeserializeOwned>(amount: u32) -> T {
    of(json!({ "amount": amount, "currency": "KRW" }))
}

fn email<T: DeserializeOwned>() -> T {
    of(json!("mina@example.com"))
}

fn shipping<T: DeserializeOwned>() -> T {
    of(json!({
        "name": "김미나", "phone": "+821012345678", "postcode": "04524", "address": "서울 중구 세종대로 110",
        "address_detail": "3층", "memo": "문 앞에 놓아 주세요",
    }))
}

pub(super) fn stock() -> Stock {
    Stock { listing_id: id("lst"), variant_id: id("var"), available: 3, held: 2, sold: 1, sold_at: Some(AT) }
}

fn listing() -> Listing {
    Listing {
        id: id("lst"),
        listing_kind: ListingKind::Sell,
        store_id: id("sto"),
        store_name: of(json!("미나네")),
        seller_id: id("usr"),
        seller_nickname: of(json!("mina")),
        category_id: of(json!("furniture")),
        title: of(json!("의자")),
        description: of(json!("앉기 편합니다")),
        options: vec![ProductOption { name: of(json!("색")), values: vec![of(json!("검정"))] }],
        variants: vec![Variant { id: id("var"), option_values: vec![of(json!("검정"))], price: won(12_000) }],
        pictures: vec![id("med")],
        price_from: won(12_000),
        created_at: AT,
        closed: false,
        card: Card {
            id: id("lst"),
            kind: ListingKind::Sell,
            title: of(json!("의자")),
            category_id: of(json!("furniture")),
            price_from: won(12_000),
            prices_differ: true,
            picture: Some(id("med")),
            store: Some(CardStore { id: id("sto"), name: of(json!("미나네")) }),
            seller_nickname: of(json!("mina")),
            created_at: AT,
        },
    }
}

fn order() -> StoredOrder {
    StoredOrder {
        id: id("ord"),
        checkout_id: id("chk"),
        store_id: id("sto"),
        store_name: Some(of(json!("미나네"))),
        buyer: Some(id("usr")),
        language: Language::Korean,
        contact: of(json!({ "name": "김미나", "phone": "+821012345678", "email": "mina@example.com" })),
        shipping: shipping(),
        lines: vec![OrderLine {
            listing_id: id("lst"),
            variant_id: id("var"),
            title: of(json!("의자")),
            option_values: vec![of(json!("검정"))],
            quantity: of(json!(2)),
            unit_price: won(12_000),
            total: won(24_000),
            picture: Some("/media/med_1.jpg".to_owned()),
        }],
        subtotal: won(24_000),
        shipping_fee: won(3_000),
        total: won(27_000),
        refunded: won(0),
        fee: of(json!(500)),
        provider: PaymentProvider::Toss,
        status: OrderStatus::Delivered,
        entered_at: AT,
        version: 4,
        placed_at: AT,
        expires_at: AT,
        paid_at: Some(AT),
        shipment: Some(of(json!({
            "carrier": "other", "carrier_name": "가나택배", "tracking_number": "680312345678", "shipped_at": AT,
        }))),
        cancellation: Some(of(json!({ "by": "seller", "reason": "재고가 없습니다", "at": AT }))),
        history: vec![HistoryEntry { status: OrderStatus::Paid, at: AT }],
        old_payment: Some(OldPayment {
            provider: PaymentProvider::Toss,
            attempt: 1,
            key: Some(of(json!("tgen_20261121"))),
            ask_at: Some(AT),
            asked: 1,
            receipt_url: Some("https://dashboard.tosspayments.com/receipt".to_owned()),
        }),
    }
}

fn payment() -> Payment {
    Payment {
        checkout_id: id("chk"),
        buyer: Some(id("usr")),
        language: Language::English,
        orders: vec![PaidPart { order_id: id("ord"), store_id: id("sto"), total: won(27_000) }],
        subtotal: won(24_000),
        shipping_fee: won(3_000),
        total: won(27_000),
        provider: PaymentProvider::Toss,
        attempt: 1,
        key: Some(of(json!("tgen_20261121"))),
        ask_at: Some(AT),
        asked: 2,
        receipt_url: Some("https://dashboard.tosspayments.com/receipt".to_owned()),
        captured: won(27_000),
        refunded: won(0),
        status: PaymentState::Confirming,
        entered_at: AT,
        version: 2,
        placed_at: AT,
        expires_at: AT,
        held: Some(Held {
            holder: "usr_01jd7c3v1h8k2m4n6p8q0r2s4t".to_owned(),
            pieces: vec![HeldPieces { variant_id: id("var"), pieces: 2 }],
        }),
    }
}

fn user() -> User {
    User {
        id: id("usr"),
        email: email(),
        nickname: of(json!("mina")),
        roles: vec![Role::Customer, Role::Seller],
        language: Language::Korean,
        created_at: AT,
        epoch: 1,
        state: AccountState::Withdrawing,
        second_factor: true,
        picture: Some(id("med")),
        location: Some(of::<Location>(json!({
            "coordinates": { "latitude": "37.570000", "longitude": "126.980000" },
            "area": { "city": "서울", "district": "중구" },
        }))),
        address_count: 1,
        store_count: 1,
        default_address: Some(id("adr")),
        erase_at: Some(AT),
        email_undeliverable: true,
    }
}

fn session() -> Session {
    Session {
        id: id("ses"),
        user_id: id("usr"),
        family_hash: "f".repeat(64),
        secret_hash: "0".repeat(64),
        spent: vec![SpentToken { secret_hash: "1".repeat(64), successor: "sealed".to_owned(), at: AT }],
        rotated_at: AT,
        epoch: 1,
        device: "Chrome on Android".to_owned(),
        created_at: AT,
        idle_at: AT,
        ends_at: AT,
        removed_at: Some(AT),
    }
}

fn media() -> Media {
    Media {
        id: id("med"),
        owner: id("usr"),
        purpose: MediaPurpose::Listing,
        declared_type: PictureType::Jpeg,
        declared_bytes: 1_000,
        state: MediaState::Refused,
        refusal: Some(Refusal::NotAPicture),
        pictures: vec![PictureSize { width: 320, height: 240 }],
        pictures_bytes: 900,
        original_bytes: Some(1_000),
        uses: 1,
        created_at: AT,
        expires_at: AT,
        arrived_at: Some(AT),
    }
}

fn effects() -> Vec<Effect> {
    let (to, language, order_id) = (email::<domain::text::Email>(), Language::Korean, id("ord"));
    let notice = processes::Notice::OrderPaid;
    vec![
        Effect::MailCode { to: to.clone(), purpose: CodePurpose::SignUp, code_id: id("cod"), language },
        Effect::MailNotice { to: to.clone(), what: domain::auth::Notice::Welcome, language },
        Effect::TellStore { notice, order_id, amount: Some(won(27_000)) },
        Effect::MailOrderPaid { to: to.clone(), order_id, language },
        Effect::MailOrder { to, party: Party::Buyer, notice, order_id, language, amount: Some(won(27_000)) },
    ]
}

fn event(effect: Effect) -> OutboxEvent {
    OutboxEvent { id: id("evt"), effect, state: EffectState::Pending, attempts: 1, leased_until: AT, created_at: AT }
}

fn of_accounts(found: &mut Found) {
    check(&user(), found);
    check(&Password { user_id: id("usr"), hash: "$argon2id$v=19$".to_owned(), set_at: AT }, found);
    check(&EmailOwner { email: email(), user_id: id("usr") }, found);
    check(&NicknameOwner { folded: "mina".to_owned(), user_id: id("usr") }, found);
    check(&session(), found);
    check(&Address { id: id("adr"), user_id: id("usr"), shipping: shipping(), created_at: AT }, found);
    let email_code = EmailCode {
        email: email(),
        purpose: CodePurpose::SignUp,
        id: id("cod"),
        tries: 1,
        used: true,
        expires_at: AT,
        resend_after: AT,
    };
    check(&email_code, found);
    let suppression = Suppression {
        email: email(),
        version: 2,
        for_ever: Some(Reason::Bounced),
        passing: 1,
        paused_until: AT,
        last_at: AT,
        reports: vec!["report".to_owned()],
    };
    check(&suppression, found);
    let totp = Totp {
        user_id: id("usr"),
        id: id("tot"),
        state: TotpState::Enabled,
        secret: "sealed".to_owned(),
        last_step: of(json!(59_841_720)),
        recovery_spent: 5,
        created_at: AT,
    };
    check(&totp, found);
    let subject = of::<domain::auth::LoginSubject>(json!("1234567890"));
    let (provider, user_id) = (LoginProvider::Kakao, id("usr"));
    check(&LoginOwner { provider, subject: subject.clone(), user_id }, found);
    check(&Login { user_id, provider, subject, email: Some(email()), linked_at: AT }, found);
    let attempt = LoginAttempt {
        state_hash: "a".repeat(64),
        provider,
        purpose: LoginPurpose::Link { user: user_id, epoch: 1 },
        return_to: of(json!("/account.html")),
        device: Some(KnownDevice { user: user_id, session: id("ses"), epoch: 1 }),
        expires_at: AT,
    };
    check(&attempt, found);
}

fn of_stores(found: &mut Found) {
    let store = Store {
        id: id("sto"),
        name: of(json!("미나네")),
        story: Some(of(json!("의자를 만듭니다"))),
        owner_id: id("usr"),
        created_at: AT,
    };
    check(&store, found);
    check(&Membership { store_id: id("sto"), user_id: id("usr"), role: StoreRole::Owner, since: AT }, found);
    check(&StoreNameOwner { folded: "미나네".to_owned(), store_id: id("sto") }, found);
    check(&listing(), found);
    check(&stock(), found);
    let category = json!({ "id": "furniture", "name": "Furniture", "name_ko": "가구", "position": 1 });
    check(&of::<CategoryOverride>(json!({ "category": category, "hidden": true })), found);
    check(&media(), found);
    check(&MediaRemoval { id: id("med"), purpose: MediaPurpose::Listing, due_at: AT }, found);
}

fn of_orders(found: &mut Found) {
    check(&order(), found);
    check(&payment(), found);
    let owner = PaymentOwner {
        provider: PaymentProvider::Toss,
        payment_key: of(json!("tgen_20261121")),
        checkout_id: id("chk"),
    };
    check(&owner, found);
    let entry = |account: &str, amount: i64| json!({ "account": account, "amount": amount, "currency": "KRW" });
    let posting = json!({
        "id": "pst_01jd7c3v1h8k2m4n6p8q0r2s4t", "order_id": "ord_01jd7c3v1h8k2m4n6p8q0r2s4t",
        "posting_kind": "sale", "at": AT,
        "entries": [
            entry("provider:toss", 27_000),
            entry("store:sto_01jd7c3v1h8k2m4n6p8q0r2s4t", -25_650),
            entry("platform_fees", -1_350),
        ],
    });
    check(&of::<Posting>(posting), found);
    let refund = Refund {
        id: id("ref"),
        order_id: id("ord"),
        checkout_id: id("chk"),
        amount: won(27_000),
        cause: RefundCause::Cancel,
        state: RefundState::Due,
        attempt: 1,
        asked: 1,
        ask_at: AT,
        created_at: AT,
        version: 1,
    };
    check(&refund, found);
    let row = AuditRow {
        order_id: id("ord"),
        version: 1,
        at: AT,
        event: "pay".to_owned(),
        actor: "buyer".to_owned(),
        user_id: Some(id("usr")),
        from: Some(OrderStatus::Pending),
        to: OrderStatus::Confirming,
        request_id: "request".to_owned(),
    };
    check(&row, found);
    let record = json!({
        "pk": { "S": "ONCE#hash" }, "sk": { "S": "REPLY" }, "kind": { "S": "idempotency_record" }, "v": { "N": "1" },
        "record": { "S": "hash" }, "fingerprint": { "S": "hash" }, "status": { "N": "201" },
        "body": { "B": "c2VhbGVk" }, "expires_at": { "S": AT.to_string() },
    });
    check(&item(&record).read::<IdempotencyRecord>().unwrap(), found);
    for effect in effects() {
        check(&event(effect), found);
    }
}

pub(super) fn check_all(found: &mut Found) {
    of_accounts(found);
    of_stores(found);
    of_orders(found);
}

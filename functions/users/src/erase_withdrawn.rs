//! Every five minutes: people who withdraw, and people who changed their mind.
//!
//! Whoever has just asked to withdraw has their listings taken out of the lists; whoever changed their
//! mind gets them back there. When the cooling-off period is over, all that is theirs is erased. What
//! is under way may hold that up, but not for longer than thirty days from the request.
//!
//! It may be broken off anywhere. What was erased is not there any more, and the person's own item,
//! which leads the schedule here, goes last.

use domain::{
    Timestamp,
    auth::AccountState,
    ids::UserId,
    orders::Contact,
    timestamp::Seconds,
    users::{COOLING_OFF, WITHDRAWAL_HELD_UP_FOR},
};
use shared::{
    Fault, FaultKind,
    api::{
        Job, JobContext, JobRoute, Touch, Trigger,
        job::{JobReport, Sweep, Tick},
    },
    store::{Index, Kind, Table, users::User},
    uploads,
};

use crate::{UsersTools, hindrance};

/// After how long it is asked again whether what is under way has come to its end.
const ASK_AGAIN_AFTER: Seconds = Seconds::days(1);

/// By when a write has reached the index. AWS names no limit; it is usually less than a second.
const INDEX_LAG_MAX: Seconds = Seconds::minutes(10);

/// The job.
#[derive(Debug)]
pub struct EraseWithdrawn;

impl Job for EraseWithdrawn {
    const ROUTE: JobRoute = JobRoute {
        id: "users.erase_withdrawn",
        summary: "Erase people who withdrew, once they cannot change their mind any more",
        trigger: Trigger::EveryMinutes(5),
        touches: &[
            Touch::QueryIndex(Kind::USER, Index::Due),
            Touch::Get(Kind::USER),
            Touch::Query(Kind::USER),
            Touch::Update(Kind::USER),
            Touch::Delete(Kind::USER),
            Touch::QueryIndex(Kind::ORDER, Index::Gsi1),
            Touch::BatchGet(Kind::ORDER),
            Touch::Update(Kind::ORDER),
            Touch::Update(Kind::PAYMENT),
            Touch::QueryIndex(Kind::LISTING, Index::Gsi3),
            Touch::Query(Kind::LISTING),
            Touch::Update(Kind::LISTING),
            Touch::Delete(Kind::LISTING),
            Touch::Delete(Kind::STOCK),
            Touch::QueryIndex(Kind::MEMBERSHIP, Index::Gsi3),
            Touch::Query(Kind::STORE),
            Touch::Delete(Kind::STORE),
            Touch::Delete(Kind::MEMBERSHIP),
            Touch::Delete(Kind::STORE_NAME_OWNER),
            Touch::QueryIndex(Kind::MEDIA, Index::Gsi3),
            Touch::Get(Kind::MEDIA),
            Touch::Delete(Kind::MEDIA),
            Touch::Put(Kind::MEDIA_REMOVAL),
            Touch::Update(Kind::MEDIA_QUOTA),
            Touch::Delete(Kind::MEDIA_QUOTA),
            Touch::DeletePicture,
            Touch::DeleteOriginal,
            Touch::DeleteUpload,
            Touch::BatchGet(Kind::LOGIN),
            Touch::Delete(Kind::LOGIN_OWNER),
            Touch::Query(Kind::EMAIL_OWNER),
            Touch::Delete(Kind::EMAIL_OWNER),
            Touch::Delete(Kind::NICKNAME_OWNER),
        ],
        memory_mb: 128,
        time_out_s: 240,
    };

    type Tools = UsersTools;
    type Event = Tick;

    async fn run(tools: &UsersTools, _: Tick, context: &JobContext) -> Result<JobReport, Fault> {
        let mut due = tools.core.table.accounts_due(context.now);
        let mut sweep = Sweep::default();
        while let Some(id) = due.next(&context.work_time).await? {
            sweep.note(due.settle(attend(tools, id, context.now).await).await);
        }
        sweep.end()
    }
}

async fn attend(tools: &UsersTools, id: UserId, now: Timestamp) -> Result<(), Fault> {
    let table = &tools.core.table;
    // The index is only a hint: it may lag behind the person.
    let Some(user) = table.get_user(id).await? else { return Ok(()) };
    match (user.state, user.erase_at) {
        (AccountState::Withdrawing, Some(erase_at)) if now < erase_at => {
            close_listings(table, id).await?;
            // The index of listings lags too: whoever wrote one and withdrew at once is looked at again.
            let index_is_up = erase_at.minus(COOLING_OFF).plus(INDEX_LAG_MAX);
            table.put_off_account(&user, if now < index_is_up { index_is_up } else { erase_at }).await
        }
        (AccountState::Withdrawing, Some(erase_at)) => {
            let at_the_latest = erase_at.minus(COOLING_OFF).plus(WITHDRAWAL_HELD_UP_FOR);
            if now < at_the_latest && needs_them(table, id, now).await? {
                return table.put_off_account(&user, now.plus(ASK_AGAIN_AFTER)).await;
            }
            if table.begin_erasing(&user).await? {
                erase(tools, User { state: AccountState::Erasing, ..user }, now).await?;
            }
            Ok(())
        }
        (AccountState::Erasing, _) => erase(tools, user, now).await,
        (AccountState::Active | AccountState::Banned | AccountState::Withdrawing, _) => {
            if user.state == AccountState::Active {
                reopen_listings(table, id).await?;
            }
            table.leave_account(&user).await
        }
    }
}

/// Whether something that is under way needs the person still.
async fn needs_them(table: &Table, id: UserId, now: Timestamp) -> Result<bool, Fault> {
    Ok(hindrance::of_buyer(table, id, now).await?.is_some() || hindrance::of_seller(table, id, now).await?)
}

async fn close_listings(table: &Table, seller: UserId) -> Result<(), Fault> {
    let mut after = None;
    loop {
        let page = table.listings_of(seller, after).await?;
        for id in page.ids {
            if let (Some(listing), _) = table.get_listing_to_close(id).await?
                && !listing.closed
            {
                table.close_listing(&listing).await?;
            }
        }
        match page.last_key {
            Some(last_key) => after = Some(last_key),
            None => return Ok(()),
        }
    }
}

async fn reopen_listings(table: &Table, seller: UserId) -> Result<(), Fault> {
    let mut after = None;
    loop {
        let page = table.listings_of(seller, after).await?;
        for id in page.ids {
            if let (Some(listing), _) = table.get_listing_to_close(id).await?
                && listing.closed
            {
                table.reopen_listing(&listing).await?;
            }
        }
        match page.last_key {
            Some(last_key) => after = Some(last_key),
            None => return Ok(()),
        }
    }
}

/// What others point at goes first, then what is in the person's own partition, then the person.
async fn erase(tools: &UsersTools, user: User, now: Timestamp) -> Result<(), Fault> {
    let table = &tools.core.table;
    strip_orders(table, user.id).await?;
    erase_listings(table, user.id).await?;
    table.forget_stores(user.id).await?;
    erase_pictures(tools, user.id, now).await?;
    table.forget_logins(user.id).await?;
    table.forget_email(&user).await?;
    table.forget_nickname(&user).await?;
    table.forget_person(&user).await
}

async fn strip_orders(table: &Table, buyer: UserId) -> Result<(), Fault> {
    let mut after = None;
    loop {
        let page = table.orders_of(buyer, after).await?;
        for order in page.orders.iter().filter(|order| order.contact != Contact::erased()) {
            if !table.strip_order(order).await? {
                return Err(Fault::new(FaultKind::Contention, "an order moved while it was stripped"));
            }
        }
        match page.last_key {
            Some(last_key) => after = Some(last_key),
            None => return Ok(()),
        }
    }
}

async fn erase_listings(table: &Table, seller: UserId) -> Result<(), Fault> {
    let mut after = None;
    loop {
        let page = table.listings_of(seller, after).await?;
        for id in page.ids {
            table.erase_listing(id).await?;
        }
        match page.last_key {
            Some(last_key) => after = Some(last_key),
            None => return Ok(()),
        }
    }
}

/// The objects go with the rows; a picture that was on its way at this moment is swept by the media
/// service.
async fn erase_pictures(tools: &UsersTools, owner: UserId, now: Timestamp) -> Result<(), Fault> {
    let table = &tools.core.table;
    let mut after = None;
    loop {
        let page = table.media_of(owner, after).await?;
        for id in page.ids {
            uploads::erase_media(table, &tools.uploads(), id, now).await?;
        }
        match page.last_key {
            Some(last_key) => after = Some(last_key),
            None => return table.forget_media_quota(owner).await,
        }
    }
}

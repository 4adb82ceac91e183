//! The work of `npm run bench:peers` for Goose, which is a library: each user sends one GET after the other.
use goose::prelude::*;

async fn go(user: &mut GooseUser) -> TransactionResult {
    user.get("").await?;
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), GooseError> {
    GooseAttack::initialize()?
        .register_scenario(scenario!("visitor").register_transaction(transaction!(go)))
        .execute()
        .await?;
    Ok(())
}

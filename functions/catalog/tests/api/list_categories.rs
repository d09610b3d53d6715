//! The categories, as they come and as they were changed.

use domain::catalog::CategoryOverride;
use engines::{Engine, FaultKind, FaultRule};
use serde_json::{Value, json};
use shared::store::Entity as _;

use crate::steps::{category, start};

const LIST: &str = "catalog.list_categories";

#[tokio::test]
async fn a_new_marketplace_shows_the_nine_starters_for_one_half_unit() {
    let app = start().await;
    let answer = app.get(LIST).send().await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    assert_eq!(
        answer.json(),
        json!({ "items": [
            { "id": "furniture", "name": "Furniture", "name_ko": "가구" },
            { "id": "fabric", "name": "Fabric", "name_ko": "패브릭" },
            { "id": "storage", "name": "Storage", "name_ko": "수납/정리" },
            { "id": "household", "name": "Household", "name_ko": "생활용품" },
            { "id": "lighting", "name": "Lighting", "name_ko": "조명" },
            { "id": "interior-props", "name": "Interior props", "name_ko": "인테리어 소품" },
            { "id": "clothing", "name": "Clothing", "name_ko": "의류" },
            { "id": "electronics", "name": "Electronics", "name_ko": "전자기기" },
            { "id": "other", "name": "Other", "name_ko": "기타" },
        ], "next_cursor": null })
    );
    assert_eq!(answer.header("cache-control"), Some("public, max-age=60"));
    answer.assert_cost(1, 1, 0);
}

#[tokio::test]
async fn what_is_stored_adds_and_hides_and_stands_where_it_says() {
    let app = start().await;
    category(&app, "plants", 150, false).await;
    category(&app, "clothing", 0, true).await;
    let answer = app.get(LIST).send().await.json();
    let items = answer["items"].as_array().unwrap();
    let ids: Vec<&str> = items.iter().filter_map(|item| item["id"].as_str()).collect();
    let expected =
        ["furniture", "plants", "fabric", "storage", "household", "lighting", "interior-props", "electronics", "other"];
    assert_eq!(ids, expected);
    assert_eq!(items[1], json!({ "id": "plants", "name": "Plants", "name_ko": "식물" }));
}

#[tokio::test]
async fn attack_63_a_query_is_refused_before_the_table_is_asked() {
    let app = start().await;
    for query in ["a=1", "a=1&a=2", "a[]=1", "hidden=true", "%ff", &"x".repeat(10_000)] {
        let answer = app.get(LIST).query(query).send().await;
        answer.assert_refused(400, "request.invalid");
        assert_eq!(answer.usage.calls, 0, "{query}");
    }
}

#[tokio::test]
async fn attack_68_when_the_table_does_not_answer_nothing_of_the_inside_is_told() {
    let app = start().await;
    app.fail(vec![FaultRule::always(Engine::Database, FaultKind::ServerError)]);
    let answer = app.get(LIST).may_break().send().await;
    answer.assert_refused(503, "unavailable");
    assert_eq!(answer.json().get("items"), None::<&Value>);
    let body = String::from_utf8(answer.body.to_vec()).unwrap().to_lowercase();
    assert!(!body.contains("dynamo") && !body.contains("query"), "{body}");
}

#[tokio::test]
async fn a_category_that_cannot_be_read_costs_nobody_the_others() {
    let app = start().await;
    category(&app, "plants", 150, false).await;
    category(&app, "stones", 151, false).await;
    let stored = app.all::<CategoryOverride>().into_iter().find(|stored| stored.category.id.as_str() == "plants");
    app.make_unreadable(&stored.unwrap().to_key()).await;
    let answer = app.get(LIST).send().await;
    let page = answer.json();
    let ids: Vec<&str> = page["items"].as_array().unwrap().iter().filter_map(|item| item["id"].as_str()).collect();
    assert_eq!((ids.len(), ids.contains(&"plants"), ids.contains(&"stones")), (10, false, true));
    assert!(answer.line.contains("is left out of a list"), "{}", answer.line);
}

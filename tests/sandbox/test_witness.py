from sandbox import inventory
from sandbox.witness import witnessing
from tests.sandbox.accounts_of_tests import Tenant


def test_it_sees_what_is_published_while_it_is_there_and_leaves_nothing(account: Tenant) -> None:
    sns = account.client("sns")
    arn = sns.create_topic(Name="news")["TopicArn"]
    sns.publish(TopicArn=arn, Message="before")
    with witnessing(account.session, endpoint=account.server.url) as witness:
        attribute = {"DataType": "String", "StringValue": "high"}
        sns.publish(TopicArn=arn, Message="now", Subject="News", MessageAttributes={"priority": attribute})
        (seen,) = witness.publications()
    assert (seen.topic_arn, seen.message, seen.subject) == (arn, "now", "News")
    assert seen.attributes == {"priority": "high"}
    (left,) = inventory.leftovers(account.server.url, {account.id}).values()
    assert left == [f"topic {arn}"]

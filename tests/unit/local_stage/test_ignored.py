from infra_cdk.local.ignored import lifecycle_rule, resolved


def test_references_become_what_they_stand_for() -> None:
    ids = {"Key": "1234", "Bucket": "name"}
    value = {"KMSMasterKeyID": {"Fn::GetAtt": ["Key", "Arn"]}, "Names": [{"Ref": "Bucket"}, "as it is"]}
    assert resolved(value, ids) == {
        "KMSMasterKeyID": "arn:aws:kms:us-east-1:000000000000:key/1234",
        "Names": ["name", "as it is"],
    }


def test_a_lifecycle_rule_is_said_in_the_words_of_s3() -> None:
    rule = {
        "Id": "webhooks",
        "Status": "Enabled",
        "TagFilters": [{"Key": "class", "Value": "webhooks"}],
        "ExpirationInDays": 30,
        "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
        "Transitions": [{"StorageClass": "GLACIER_IR", "TransitionInDays": 90}],
    }
    assert lifecycle_rule(rule) == {
        "ID": "webhooks",
        "Status": "Enabled",
        "Filter": {"Tag": {"Key": "class", "Value": "webhooks"}},
        "Expiration": {"Days": 30},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
        "Transitions": [{"Days": 90, "StorageClass": "GLACIER_IR"}],
    }


def test_a_rule_for_a_prefix_and_tags_filters_by_both() -> None:
    tags = [{"Key": "a", "Value": "1"}]
    made = lifecycle_rule({"Status": "Enabled", "Prefix": "x/", "TagFilters": tags})
    assert made["Filter"] == {"And": {"Prefix": "x/", "Tags": tags}}

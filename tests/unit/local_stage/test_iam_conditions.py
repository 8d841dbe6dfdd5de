from infra_cdk.local.iam_conditions import encryption_context_keys, permission_of, role_of


def test_a_session_counts_as_its_role() -> None:
    assert role_of("arn:aws:sts::000000000000:assumed-role/Name/session") == "arn:aws:iam::000000000000:role/Name"
    assert role_of("arn:aws:iam::000000000000:user/somebody") == "arn:aws:iam::000000000000:user/somebody"


def test_an_encryption_context_gives_its_names_and_each_value() -> None:
    assert encryption_context_keys(b'{"EncryptionContext": {"merchant": "m_1", "Connection": "c_1"}}') == {
        "kms:encryptioncontextkeys": ["Connection", "merchant"],
        "kms:encryptioncontext:merchant": "m_1",
        "kms:encryptioncontext:connection": "c_1",
    }


def test_a_request_without_a_context_has_none_of_the_keys() -> None:
    for body in (b"", b"{}", b'{"EncryptionContext": {}}', b'{"EncryptionContext": 1}', b"[]", b"not json"):
        assert encryption_context_keys(body) == {}


def test_a_batch_call_to_a_queue_needs_the_permission_of_a_single_one() -> None:
    assert permission_of("AmazonSQS.SendMessageBatch", "SendMessageBatch") == "SendMessage"
    assert permission_of("AmazonSQS.SendMessage", "SendMessage") == "SendMessage"
    assert permission_of("DynamoDB_20120810.BatchGetItem", "BatchGetItem") == "BatchGetItem"
    assert permission_of("AnyScaleFrontendService.RegisterScalableTargetBatch", "X") == "X"
    assert permission_of("", None) is None

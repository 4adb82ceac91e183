"""Python runs this before MiniStack. AWS knows no rights to batches: who may send or delete a message may do so in batches
(SQS Developer Guide, "Amazon SQS API permissions"). MiniStack 1.5.33 asks for rights that no policy can give."""

from ministack.core import iam_actions

_RIGHTS = {
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
}
_extract = iam_actions.extract_iam_action


def _extract_iam_action(*args, **kwargs):
    action = _extract(*args, **kwargs)
    return _RIGHTS.get(action, action)


iam_actions.extract_iam_action = _extract_iam_action

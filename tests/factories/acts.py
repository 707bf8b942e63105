"""Official acts as a browser sends them: with a signature of the person's key over exactly what is posted."""

import json

from django.urls import reverse

from ledger.canonical import HJ, b64u
from sealing.reference import signature


def signed_post(client, path, fields, keys):
    """Post these fields ({name: value or list}) to an official act's door, signed with the person's keys; the answer."""
    listed = {name: value if isinstance(value, list) else [value] for name, value in fields.items()}
    listed = {name: [str(each) for each in values] for name, values in listed.items()}
    digest = b64u(HJ("act-fields", {"v": 1, "fields": listed, "files": {}}))
    last = {name: values[-1] for name, values in listed.items()}
    asked = client.post(
        reverse("accounts:act_challenge"), json.dumps({"path": path, "digest": digest, "fields": last}), content_type="application/json"
    ).json()
    if asked["act"] is None:
        return client.post(path, fields)
    proof = {"nonce": asked["act"]["nonce"], "method": "key", "signature": signature(keys.signing, "act", asked["act"])}
    return client.post(path, {**fields, "act_proof": json.dumps(proof)})

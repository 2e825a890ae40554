"""What architecture a model is of, as its configuration, its GGUF weights or its tags say."""

from __future__ import annotations

import polars as pl

ARCHITECTURES = tuple(
    """
    albert apertus arcee aria arctic audio_flamingo3 bamba bark bart beit bert bert_japanese big_bird bigbird_pegasus
    biogpt bit bitnet blenderbot blip blip-2 bloom camembert chameleon chatglm chronos clap clip codegen cohere cohere2
    convbert convnext convnextv2 cpmant ctrl cvt dac data2vec-audio data2vec-text data2vec-vision dbrx deberta
    deberta-v2 decision_transformer deepseek_v2 deepseek_v3 deepseek_v32 deepseek_v4 deepseek_vl_v2 deformable_detr deit
    depth_anything detr dinov2 dinov3_vit distilbert dots1 dpr dpt efficientnet electra encodec encoder-decoder ernie
    ernie4_5 ernie4_5_moe esm exaone exaone4 falcon falcon_h1 falcon_mamba flaubert florence2 fnet fsmt fuyu gemma
    gemma2 gemma3 gemma3_text gemma3n gemma4 gemma4_text git glm glm4 glm4_moe glm4v glm_moe_dsa glpn got_ocr2 gpt2
    gpt_bigcode gpt_neo gpt_neox gpt_neox_japanese gpt_oss gptj granite granitemoe granitemoehybrid grok-1
    grounding-dino groupvit hubert hunyuan hunyuan_v1_dense hunyuan_v1_moe idefics idefics2 idefics3 internlm internlm2
    internlm3 internvl internvl_chat jais jamba kimi_k2 kimi_linear kosmos-2 layoutlm layoutlmv2 layoutlmv3 led lfm2
    lfm2_moe lfm2_vl lilt llada llama llama4 llama4_text llava llava_next llava_onevision longformer longt5 luke m2m_100
    mamba mamba2 marian mask2former maskformer mbart megatron-bert mimo minicpm minicpm3 minicpmo minicpmv minimax
    minimax_m2 ministral ministral3 mistral mistral3 mixtral mllama mobilebert mobilenet_v2 mobilevit modernbert
    molmo moonshine mpnet mpt mra mt5 musicgen mvp nemotron nemotron_h nllb-moe nomic_bert nougat olmo olmo2 olmo3 olmoe
    oneformer openai-gpt opt orion ovis owlv2 owlvit paligemma parakeet_ctc patchtst pegasus pegasus_x persimmon phi
    phi3 phi3_v phi4mm phimoe pix2struct pixtral plamo plamo2 plbart prophetnet pvt qwen qwen2 qwen2_5_omni qwen2_5_vl
    qwen2_audio qwen2_moe qwen2_vl qwen3 qwen3_5 qwen3_5_moe qwen3_5_text qwen3_moe qwen3_next qwen3_omni_moe qwen3_vl
    qwen3_vl_moe recurrent_gemma reformer regnet rembert resnet roberta roberta-prelayernorm rt_detr rwkv rwkv5 rwkv6
    rwkv7 sam sam2 seamless_m4t seed_oss segformer sew siglip siglip2 smollm3 smolvlm speech-encoder-decoder
    speech_to_text speecht5 splinter squeezebert stablelm starcoder2 swin swin2sr swinv2 switch_transformers t5 t5gemma
    table-transformer timesformer timm_wrapper trocr umt5 unispeech unispeech-sat upernet videomae vilt
    vision-encoder-decoder vision-text-dual-encoder visual_bert vit vit_mae vitmatte vitpose vits vivit voxtral wav2vec2
    wav2vec2-bert wav2vec2-conformer wavlm whisper x-clip xglm xlm xlm-roberta xlm-roberta-xl xlnet xmod yolos yuan
    zamba zamba2 zoedepth
    """.split()  # noqa: SIM905, a column of three hundred quotes is no easier to read
)
"""Types of model that libraries name in `config.model_type`, and that the Hub repeats as a tag."""

PIPELINE_TAG = "diffusers:"
"""A tag that names a pipeline of image or video generation begins so; such models have no `model_type`."""


def architecture() -> pl.Expr:
    """The architecture from `model_type`, else `gguf_architecture`, else the first tag that names one; else null."""
    tag = pl.element()
    is_pipeline = tag.str.starts_with(PIPELINE_TAG)
    named = pl.col("tags").list.eval(tag.filter(tag.is_in(ARCHITECTURES) | is_pipeline)).list.first()
    return pl.coalesce("model_type", "gguf_architecture", named.str.strip_prefix(PIPELINE_TAG))

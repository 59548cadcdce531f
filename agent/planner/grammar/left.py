"""What was not understood: content words that no room took, as phrases, word for word."""

from __future__ import annotations

import re
from collections.abc import Iterable

from agent.planner.grammar.reading import Span

_STOP = frozenset("""
a an the this that these those it its it's i i'd i'm i'll i've me my mine we we'd us our you your he she they them their there here
and or but so then also too plus as at by for from in into of off on onto out over to up with within without about around through during until
is are was were be been being am do does did done doing have has had having can could may might must shall should will would let let's
please thanks thank hi hey hello ok okay kindly just maybe perhaps really very quite rather pretty some any all every each both much many more most
less few lot lots bit kind sort such same other another one ones thing things something anything everything stuff way ways
make makes making made create creates creating compose composes composing composed write writes writing wrote generate generates generating produce produces
give gives giving get gets need needs needed want wants wanted like likes likely try use uses using used go goes going put puts add adds adding keep keeps keeping
come comes take takes do show build play plays playing played hear sound sounds sounding feel feels feeling
music musical piece pieces song songs track tracks tune tunes score scores composition compositions cue audio sound file files version
new nice good great cool better well right now next again instead only ever even still when while where which who whose what how why if than
time times length long duration tempo speed key scale mode meter metre signature bpm beat beats bar bars measure measures note notes
style genre mood vibe vibes feel atmosphere instrument instruments part parts section sections
pls plz sth u ur w thx yet whatsoever else either attached attachment midi recording background finale alone lasts least most chord chords progression got single theme sense straight forever
yes no not don't doesn't isn't aren't should shouldn't nothing none never
change changes changed changing set turn whole entire overall total exactly precisely roughly approximately almost nearly mostly mainly
based start starts starting end ends ending begin begins beginning work works able suitable appropriate fitting fits fit
would've i'd've you'd you're we're they're that's what's there's here's won't can't couldn't wouldn't
minute minutes second seconds sec secs hour hours
""".split())
_GLUE = frozenset("of the a an in to with for on at from by".split())
_CHINESE_STOP = re.compile("|".join(sorted("""
请 麻烦 帮我 帮忙 给我 我想要 我想 我要 想要 需要 希望 能不能 可不可以 可以 能否 请问 谢谢 一下 一首 一段 一个 一曲 一支 一些 一点 有点 来一首 来一段 来个 来 写一首 写 作曲 创作 生成 制作 做 谱
音乐 曲子 乐曲 歌曲 歌 曲 作品 配乐 旋律 声音 音频 风格 感觉 氛围 的感觉 情绪 的 了 吗 呢 吧 啊 呀 和 与 或 以及 并且 并 而且 然后 再 也 都 就 还 要 是 在 为 用 把 将 给 让 使 得 地 着 被 从 到 对 以 于 很 非常 比较 更
这个 那个 这首 这段 这 那 它 我 你 他 她 们 我们 你们 里 里面 中 上 下 左右 大约 大概 时 时候 长 长度 时长 速度 节奏 拍子 拍 调 调式 小节 秒 分钟 有 没有 不 不要 一 二 三 两 个 首 段 种 条 支 适合 适用 关于 类型 类似 那种 这样 这种 整首 整个 整体 部分 主 加 改 改成 变 变成 换 换成
歌词 背景 背景音乐 其他 其他的 不变 保持 主奏 二重奏 三重奏 四重奏 合奏 齐奏 降到 奏 开头 结尾 中间 最后 开始 结束 乐器 演奏 伴奏 独奏 风 版 版本 带 带有 含 包含 充满 点 些 能 会 想 做成 弄 搞 好 听 好听
""".split(), key=len, reverse=True)))
_WORD = re.compile(r"[\u3400-\u9fff]+|[^\W_\u3400-\u9fff]+(?:['’\-–][^\W_\u3400-\u9fff]+)*")
_REFUSAL = re.compile(r"(?:(?<![a-z])(?:no|not|without|less|avoid|never)\s+|不要|没有|不|无|别)$", re.IGNORECASE)
_GAP = re.compile(r"[\s\-–]*")


def left_over(request: str, spans: Iterable[Span]) -> list[str]:
    """The words of a request that nothing was made of.

    Parameters
    ----------
    request
        The person's words.
    spans
        The parts that were understood, in any order; they may overlap.

    Returns
    -------
    list of str
        Phrases as the person wrote them, in order. Neighbours are one phrase, with the small words between
        them; stop words, politeness and numbers alone are not reported.
    """
    taken = _merged(spans)
    phrases: list[list[tuple[int, int]]] = []
    for start, end in _content(request, taken):
        if phrases and _joins(request, phrases[-1][-1][1], start, taken):
            phrases[-1].append((start, end))
        else:
            phrases.append([(start, end)])
    return [request[_with_refusal(request, p[0][0], taken):p[-1][1]] for p in phrases]


def _with_refusal(request: str, start: int, taken: list[tuple[int, int]]) -> int:
    """Where a phrase begins when the word that refuses it belongs to it: "no vibrato", "不要颤音"."""
    refusal = _REFUSAL.search(request, 0, start)
    return refusal.start() if refusal and not _is_taken(refusal.start(), start, taken) else start


def _merged(spans: Iterable[Span]) -> list[tuple[int, int]]:
    return sorted((s.start, s.end) for s in spans)


def _is_taken(start: int, end: int, taken: list[tuple[int, int]]) -> bool:
    return any(a < end and start < b for a, b in taken)


def _content(request: str, taken: list[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    for word in _WORD.finditer(request):
        if "\u3400" <= word.group()[0] <= "\u9fff":
            yield from _chinese_content(request, word.start(), word.end(), taken)
        elif not _is_taken(word.start(), word.end(), taken) and not _is_stop(word.group()):
            yield word.start(), word.end()


def _is_stop(word: str) -> bool:
    plain = word.lower().replace("’", "'")
    return plain in _STOP or plain.removesuffix("'s") in _STOP or (len(plain) == 1 and plain.isascii()) or plain.isdigit()


def _chinese_content(request: str, start: int, end: int, taken: list[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    """The parts of a run of Chinese characters that are neither taken nor stop words."""
    free = [i for i in range(start, end) if not _is_taken(i, i + 1, taken)]
    for run_start, run_end in _runs(free):
        stopped = {i for m in _CHINESE_STOP.finditer(request, run_start, run_end) for i in range(m.start(), m.end())}
        yield from _runs([i for i in range(run_start, run_end) if i not in stopped])


def _runs(places: list[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for i in places:
        if runs and runs[-1][1] == i:
            runs[-1] = (runs[-1][0], i + 1)
        else:
            runs.append((i, i + 1))
    return runs


def _joins(request: str, end: int, start: int, taken: list[tuple[int, int]]) -> bool:
    """Whether only space and small words lie between two words."""
    if _is_taken(end, start, taken):
        return False
    between = request[end:start]
    words = between.lower().split()
    return _GAP.fullmatch(between) is not None or (between[:1].isspace() and 0 < len(words) <= 2 and all(w in _GLUE for w in words))

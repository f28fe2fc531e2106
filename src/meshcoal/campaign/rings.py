"""In what order things that can undo each other are decided.

Law: each after all that can undo it; those that can undo each other in a ring together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def in_turn(touched: Sequence[int], reached: Sequence[int]) -> list[list[int]]:
    """Indices in rings, each ring behind all that can undo one of its members; in a ring, as they are given.

    One can undo another when what it reaches meets what the other rests on. Strongly connected components
    of this relation are the rings; most have one member.

    Args:
        touched: of each, what it rests on and itself, as bits.
        reached: of each, what it strikes and itself, as bits.
    """
    count = len(touched)
    undoes: dict[int, list[int]] = {
        index: [other for other in range(count) if other != index and reached[index] & touched[other]]
        for index in range(count)
    }
    component = _components(undoes)
    rings: dict[int, list[int]] = {}
    for index in range(count):
        rings.setdefault(component[index], []).append(index)
    # Tarjan numbers a component after everything it reaches.
    return [rings[number] for number in sorted(rings, reverse=True)]


def _components(edges: Mapping[int, Sequence[int]]) -> dict[int, int]:
    """Strongly connected components (Tarjan 1972), without recursion, in reverse topological order."""
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    component: dict[int, int] = {}
    stack: list[int] = []
    count = 0
    for root in edges:
        if root in index:
            continue
        walk = [(root, iter(edges[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        while walk:
            node, following = walk[-1]
            advanced = False
            for other in following:
                if other not in index:
                    index[other] = low[other] = len(index)
                    stack.append(other)
                    walk.append((other, iter(edges[other])))
                    advanced = True
                    break
                if other not in component:
                    low[node] = min(low[node], index[other])
            if advanced:
                continue
            walk.pop()
            if walk:
                parent = walk[-1][0]
                low[parent] = min(low[parent], low[node])
            if low[node] == index[node]:
                while True:
                    member = stack.pop()
                    component[member] = count
                    if member == node:
                        break
                count += 1
    return component

def count(names, rounds):
    counts = {}
    place = 0
    for i in range(rounds):
        name = names[place]
        counts[name] = counts.get(name, 0) + 1
        place = place + 7 if place + 7 < len(names) else place + 7 - len(names)
    return counts

names = list(map(lambda i: f"word{i}", range(1000)))
counts = count(names, 200_000)
print(len(counts), counts["word3"])

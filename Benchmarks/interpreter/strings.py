def build(count):
    text = ""
    lines = 0
    for i in range(count):
        text += "line "
        text = text + f"{i}\n"
        if f"{i}" == "777":
            lines += 1
    return text, lines

text, lines = build(300_000)
print(len(text), lines)

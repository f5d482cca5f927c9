sum = 0
for i in range(3_000_000):
    square = i * i
    if square > 1000 and i != 7:
        sum += square / 2 - i
print(sum)

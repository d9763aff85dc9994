using System.Buffers;

namespace Starling.Protocol.Patterns;

/// <summary>
/// A compiled <see cref="TextExpression"/>: says whether a whole text fits. Follows all possibilities at once (Thompson's construction), so
/// that no text takes more than its length times the size of the expression. Immutable and thread-safe.
/// </summary>
internal sealed class TextMatcher
{
    private const int MaxInstructions = 2_000;
    private const int MaxOnStack = 128;

    private readonly Instruction[] _program;

    private TextMatcher(Instruction[] program)
    {
        _program = program;
        Weight = program.Length - program.TakeWhile(static instruction => instruction.Kind == Kind.Character).Count();
    }

    private enum Kind : byte
    {
        Character,
        Set,
        Fork,
        Start,
        End,
        Match,
    }

    /// <summary>The most steps that one character of a text can cost: the size of the program without its fixed beginning.</summary>
    public int Weight { get; }

    /// <summary>Compiles an expression.</summary>
    /// <exception cref="FormatException">It is too large.</exception>
    public static TextMatcher Compile(TextExpression expression)
    {
        var program = new List<Instruction>();
        Emit(program, expression);
        Add(program, new Instruction(Kind.Match));
        return new TextMatcher([.. program]);
    }

    /// <summary>Whether a text fits as a whole.</summary>
    public bool IsMatch(ReadOnlySpan<char> text)
    {
        var size = _program.Length;
        int[]? rented = null;
        var memory = size <= MaxOnStack ? stackalloc int[MaxOnStack * 4] : rented = ArrayPool<int>.Shared.Rent(size * 4);
        try
        {
            var current = new States(memory[..size]);
            var next = new States(memory[size..(2 * size)]);
            var marks = memory[(2 * size)..(3 * size)];
            var stack = memory[(3 * size)..(4 * size)];
            marks.Clear();
            Enter(0, ref current, marks, 1, stack, isEnd: text.IsEmpty);
            for (var i = 0; i < text.Length; i++)
            {
                if (current.Count == 0)
                {
                    return false;
                }

                next.Count = 0;
                foreach (var state in current.All[..current.Count])
                {
                    if (_program[state].Takes(text[i]))
                    {
                        Enter(state + 1, ref next, marks, i + 2, stack, isEnd: i == text.Length - 1);
                    }
                }

                var last = current;
                current = next;
                next = last;
            }

            // The match is the last instruction.
            return marks[size - 1] == text.Length + 1;
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<int>.Shared.Return(rented);
            }
        }
    }

    // Adds a state, or those that a fork leads to. Each is visited once in a step, which is what bounds the work, loops of nothing included.
    private void Enter(int state, ref States states, Span<int> marks, int step, Span<int> stack, bool isEnd)
    {
        var depth = 0;
        while (true)
        {
            if (marks[state] != step)
            {
                marks[state] = step;
                ref readonly var instruction = ref _program[state];
                if (instruction.Kind == Kind.Fork)
                {
                    if (marks[instruction.Second] != step)
                    {
                        stack[depth++] = instruction.Second;
                    }

                    state = instruction.First;
                    continue;
                }

                if (instruction.Kind is Kind.Start or Kind.End)
                {
                    if (instruction.Kind == Kind.Start ? step == 1 : isEnd)
                    {
                        state++;
                        continue;
                    }
                }
                else
                {
                    states.All[states.Count++] = state;
                }
            }

            if (depth == 0)
            {
                return;
            }

            state = stack[--depth];
        }
    }

    private static void Emit(List<Instruction> program, TextExpression expression)
    {
        switch (expression)
        {
            case TextExpression.Text text:
                foreach (var character in text.Value)
                {
                    Add(program, new Instruction(Kind.Character, character));
                }

                break;
            case TextExpression.OneOf set:
                Add(program, new Instruction(Kind.Set, Set: set.Contains));
                break;
            case TextExpression.Start:
                Add(program, new Instruction(Kind.Start));
                break;
            case TextExpression.End:
                Add(program, new Instruction(Kind.End));
                break;
            case TextExpression.Sequence sequence:
                foreach (var item in sequence.Items)
                {
                    Emit(program, item);
                }

                break;
            case TextExpression.Choice choice:
                EmitChoice(program, choice.Items);
                break;
            case TextExpression.Repeat repeat:
                EmitRepeat(program, repeat);
                break;
        }
    }

    private static void EmitChoice(List<Instruction> program, ReadOnlySpan<TextExpression> items)
    {
        if (items.Length == 1)
        {
            Emit(program, items[0]);
            return;
        }

        var fork = Reserve(program);
        Emit(program, items[0]);
        var end = Reserve(program);
        program[fork] = new Instruction(Kind.Fork, First: fork + 1, Second: program.Count);
        EmitChoice(program, items[1..]);
        program[end] = Jump(program.Count);
    }

    private static void EmitRepeat(List<Instruction> program, TextExpression.Repeat repeat)
    {
        var begin = program.Count;
        for (var i = 0; i < repeat.Min; i++)
        {
            Emit(program, repeat.Item);
            if (program.Count == begin)
            {
                // Nothing, however often: no limit of instructions would end the loop.
                return;
            }
        }

        if (repeat.Max is not { } max)
        {
            var loop = Reserve(program);
            Emit(program, repeat.Item);
            Add(program, Jump(loop));
            program[loop] = new Instruction(Kind.Fork, First: loop + 1, Second: program.Count);
            return;
        }

        var forks = new List<int>();
        for (var i = repeat.Min; i < max; i++)
        {
            forks.Add(Reserve(program));
            Emit(program, repeat.Item);
        }

        foreach (var fork in forks)
        {
            program[fork] = new Instruction(Kind.Fork, First: fork + 1, Second: program.Count);
        }
    }

    private static Instruction Jump(int target) => new(Kind.Fork, First: target, Second: target);

    private static int Reserve(List<Instruction> program)
    {
        Add(program, default);
        return program.Count - 1;
    }

    private static void Add(List<Instruction> program, Instruction instruction)
    {
        if (program.Count == MaxInstructions)
        {
            throw new FormatException("it is too complex to match");
        }

        program.Add(instruction);
    }

    private readonly record struct Instruction(Kind Kind, char Character = default, Func<char, bool>? Set = null, int First = 0, int Second = 0)
    {
        public bool Takes(char character) => Kind switch
        {
            Kind.Character => Character == character,
            Kind.Set => Set!(character),
            _ => false,
        };
    }

    private ref struct States(Span<int> all)
    {
        public readonly Span<int> All = all;
        public int Count;
    }
}

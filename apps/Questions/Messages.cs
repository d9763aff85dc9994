using System.Text.Json.Serialization;

namespace Starling.Apps.Questions;

/// <summary>A question as clients see it.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Text">What is asked.</param>
/// <param name="Author">The name that its author goes by.</param>
/// <param name="AskedAt">When it was asked.</param>
/// <param name="Answers">Its answers; only for those who follow it.</param>
/// <param name="AnswerCount">How many answers it has.</param>
/// <param name="IsFollowed">Whether the client that asks follows it.</param>
internal sealed record QuestionView(
    long Id, string Text, string Author, DateTimeOffset AskedAt, IReadOnlyList<Answer>? Answers, int AnswerCount, bool IsFollowed);

/// <summary>An answer.</summary>
internal sealed record Answer(long Id, long Question, string Text, string Author, DateTimeOffset AnsweredAt);

/// <summary>The whole board, and from where on to subscribe.</summary>
internal sealed record BoardView(IReadOnlyList<QuestionView> Questions);

/// <summary>What clients send to ask and to answer.</summary>
internal sealed record Contribution(string? Text, string? Author);

/// <summary>Why something was refused.</summary>
/// <param name="Title">For people.</param>
/// <param name="Code">For programs: empty, too-long, duplicate, unknown, too-many, not-json, full, not-written.</param>
/// <param name="Existing">The question that is there already, for duplicates.</param>
internal sealed record Refusal(string Title, string Code, long? Existing = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(QuestionView))]
[JsonSerializable(typeof(Answer))]
[JsonSerializable(typeof(BoardView))]
[JsonSerializable(typeof(Contribution))]
[JsonSerializable(typeof(Refusal))]
internal sealed partial class QuestionsJson : JsonSerializerContext;

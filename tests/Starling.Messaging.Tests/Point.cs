namespace Starling.Messaging.Tests;

public sealed record Point(int X, int Y);

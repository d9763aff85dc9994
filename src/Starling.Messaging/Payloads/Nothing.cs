namespace Starling.Messaging.Payloads;

/// <summary>The result of a method that has none; <c>null</c> on the wire.</summary>
internal readonly record struct Nothing;

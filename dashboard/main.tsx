/**
 * The dashboard's start: who is signed in, what is asked of them first, which page stands at which address. Each page is
 * loaded when it is opened.
 */
import { useModel } from '@preact/signals';
import { type FunctionComponent, render } from 'preact';
import { useEffect } from 'preact/hooks';
import lazy, { ErrorBoundary } from 'preact-iso/lazy';
import { LocationProvider, Route, Router, useLocation } from 'preact-iso/router';
import { type Act, createApi } from './api.ts';
import { SelfContext } from './here.ts';
import { SessionModel } from './models/session.ts';
import { StepsModel } from './models/steps.ts';
import { turning } from './models/turning.ts';
import { createPasskeys } from './passkeys.ts';
import { Boundary } from './ui/Boundary.tsx';
import { Failed } from './ui/Failed.tsx';
import { Shell } from './ui/Shell.tsx';
import './style.css';

// The phone's page starts here.
import '../lib/polyfills';
import '../lib/tokens.css';
import { mount } from 'svelte';
import { followLinks } from '../lib/device';
import App from './App.svelte';

const target = document.getElementById('app');
if (target === null) throw new Error('the page has no #app');
followLinks(document);
mount(App, { target });
